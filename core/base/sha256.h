// Defines SHA-256 (FIPS 180-4), the digest by which files are recognised:
//   Sha256Digest
//   Sha256          of bytes that come in pieces
//   Sha256Of        of bytes at once
//   HexOf           a digest as 64 lower-case digits

#ifndef MD2_CORE_BASE_SHA256_H_
#define MD2_CORE_BASE_SHA256_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/types/span.h"

namespace md2::base {

using Sha256Digest = std::array<uint8_t, 32>;

// One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void Update(absl::Span<const uint8_t> bytes);
  // Of all bytes so far. Call once, last.
  Sha256Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Sha256Digest Sha256Of(absl::Span<const uint8_t> bytes);

std::string HexOf(const Sha256Digest& digest);

}  // namespace md2::base

#endif  // MD2_CORE_BASE_SHA256_H_
