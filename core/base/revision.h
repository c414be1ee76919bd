// Defines
//   Revision        a published revision of Moondream2, by the date that is its tag
//   RevisionName    "2024-07-23"
//   FindRevision    the other way
//
// What differs between revisions is data in tables that are keyed by this, never a branch in a
// layer.

#ifndef MD2_CORE_BASE_REVISION_H_
#define MD2_CORE_BASE_REVISION_H_

#include <array>
#include <optional>

#include "absl/strings/string_view.h"

namespace md2::base {

enum class Revision {
  k2024_07_23,  // the default; files of 2024-05-20 cannot be told from it
  k2024_08_26,
  k2025_01_09,
  k2025_03_27,
  k2025_04_14,
  k2025_06_21,
};

struct RevisionEntry {
  Revision revision;
  const char* name;
};

inline constexpr std::array<RevisionEntry, 6> kRevisions = {{
    {Revision::k2024_07_23, "2024-07-23"},
    {Revision::k2024_08_26, "2024-08-26"},
    {Revision::k2025_01_09, "2025-01-09"},
    {Revision::k2025_03_27, "2025-03-27"},
    {Revision::k2025_04_14, "2025-04-14"},
    {Revision::k2025_06_21, "2025-06-21"},
}};

constexpr absl::string_view RevisionName(Revision revision) {
  for (const RevisionEntry& entry : kRevisions) {
    if (entry.revision == revision) return entry.name;
  }
  return "unknown";
}

// Nothing when no revision has that name.
constexpr std::optional<Revision> FindRevision(absl::string_view name) {
  for (const RevisionEntry& entry : kRevisions) {
    if (name == entry.name) return entry.revision;
  }
  return std::nullopt;
}

}  // namespace md2::base

#endif  // MD2_CORE_BASE_REVISION_H_
