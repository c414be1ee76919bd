#include "core/image/jpeg_check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/base/status_macros.h"
#include "core/image/image_error.h"
#include "core/image/jpeg_bits.h"
#include "core/image/jpeg_scan.h"
#include "core/image/jpeg_tables.h"

namespace md2::image {
namespace {

constexpr int kMaxBlocksPerMcu = 10;
constexpr int kMaxShift = 13;
constexpr int8_t kNotSeen = -1;

// One component through all its scans.
struct Plane {
  int blocks_across = 0;  // that hold samples of the image
  int blocks_down = 0;
  int stored_across = 0;  // as whole MCUs need them
  bool has_quant_table = false;
  std::array<int8_t, 64> low{};   // lowest bit known of each coefficient
  std::vector<uint64_t> nonzero;  // a word a stored block; progressive only
};

struct ScanComponent {
  int plane;
  int dc_table;
  int ac_table;
};

struct Scan {
  std::vector<ScanComponent> components;
  JpegBand band;
  size_t offset = 0;  // of its marker
};

class ScanChecker {
 public:
  ScanChecker(absl::Span<const uint8_t> bytes, const JpegHeader& header)
      : bytes_(bytes), header_(header) {
    LayOutPlanes();
  }

  absl::Status Run() {
    size_t position = 2;
    while (true) {
      MD2_ASSIGN_OR_RETURN(const JpegSegment segment, NextJpegSegment(bytes_, position));
      if (segment.marker == kJpegEnd) return CheckComplete(segment);
      MD2_RETURN_IF_ERROR(Take(segment, position));
    }
  }

 private:
  void LayOutPlanes();
  absl::Status Take(const JpegSegment& segment, size_t& position);
  absl::StatusOr<Scan> ReadScan(const JpegSegment& segment) const;
  absl::Status CheckBand(const Scan& scan) const;
  absl::Status CheckProgress(const Scan& scan);
  absl::Status CheckTables(const Scan& scan) const;
  absl::Status FollowScan(const Scan& scan, size_t& position);
  bool FollowMcu(const Scan& scan, size_t block, std::vector<JpegCoefficients>& followers) const;
  absl::Status PassRestart(int64_t number, EntropyBits& bits) const;
  absl::Status Broken(const EntropyBits& bits) const;
  absl::Status CheckComplete(const JpegSegment& end) const;

  absl::Span<const uint8_t> bytes_;
  const JpegHeader& header_;
  JpegTables tables_;
  std::array<Plane, 4> planes_;
  int mcus_across_ = 0;
  int mcus_down_ = 0;
  int num_frames_ = 0;
  int num_scans_ = 0;
};

int DivideUp(int a, int b) { return (a + b - 1) / b; }

void ScanChecker::LayOutPlanes() {
  const int across = header_.max_across();
  const int down = header_.max_down();
  mcus_across_ = DivideUp(header_.width, 8 * across);
  mcus_down_ = DivideUp(header_.height, 8 * down);
  for (int i = 0; i < header_.num_components; ++i) {
    const JpegComponent& component = header_.components[i];
    Plane& plane = planes_[i];
    plane.blocks_across = DivideUp(DivideUp(header_.width * component.across, across), 8);
    plane.blocks_down = DivideUp(DivideUp(header_.height * component.down, down), 8);
    plane.stored_across = mcus_across_ * component.across;
    plane.low.fill(kNotSeen);
    if (header_.progressive) {
      plane.nonzero.resize(size_t{1} * plane.stored_across * mcus_down_ * component.down);
    }
  }
}

absl::Status ScanChecker::Take(const JpegSegment& segment, size_t& position) {
  const uint8_t marker = segment.marker;
  if (marker == kJpegQuantTables && header_.progressive && num_scans_ > 0) {
    // Some decoders would use it for all scans, others for later components only.
    return JpegCorrupt("quantisation tables before the first scan", "one after", segment.offset);
  }
  if (JpegTables::IsTable(marker)) return tables_.Take(segment);
  if (marker == kJpegScan) {
    MD2_ASSIGN_OR_RETURN(const Scan scan, ReadScan(segment));
    MD2_RETURN_IF_ERROR(CheckTables(scan));
    MD2_RETURN_IF_ERROR(CheckProgress(scan));
    return FollowScan(scan, position);
  }
  if (marker >= kJpegBaseline && marker <= kJpegProgressive) {
    if (++num_frames_ == 1) return absl::OkStatus();
    return JpegCorrupt("one frame header", "another", segment.offset);
  }
  // JFIF's and Adobe's segments decide the colours, which the header has settled by now.
  const bool colours = num_frames_ > 0 && (marker == kJpegApp0 || marker == kJpegApp14);
  const bool ignored =
      (marker >= kJpegApp0 && marker <= kJpegApp15 && !colours) || marker == kJpegComment;
  const bool closes_scan = marker >= kJpegRestart0 && marker <= kJpegRestart7 && num_scans_ > 0;
  if (ignored || closes_scan) return absl::OkStatus();
  return JpegCorrupt("a table, a scan or the end marker",
                     absl::StrCat("the marker ff ", absl::Hex(marker, absl::kZeroPad2)),
                     segment.offset);
}

absl::StatusOr<Scan> ScanChecker::ReadScan(const JpegSegment& segment) const {
  const absl::Span<const uint8_t> payload = segment.payload;
  const size_t n = payload.empty() ? 0 : payload[0];
  if (num_frames_ == 0 || n < 1 || n > static_cast<size_t>(header_.num_components) ||
      payload.size() != 4 + 2 * n) {
    return JpegCorrupt("a scan header", "something else", segment.offset);
  }
  Scan scan;
  scan.offset = segment.offset;
  int blocks = 0;
  for (size_t i = 0; i < n; ++i) {
    const uint8_t* p = payload.data() + 1 + 2 * i;
    int plane = 0;
    while (plane < header_.num_components && header_.components[plane].id != p[0]) ++plane;
    const auto is_plane = [plane](const ScanComponent& c) { return c.plane == plane; };
    const bool again = std::any_of(scan.components.begin(), scan.components.end(), is_plane);
    if (plane == header_.num_components || again || p[1] >> 4 > 3 || (p[1] & 15) > 3) {
      return JpegCorrupt("a scan of the frame's components and tables 0 to 3", "something else",
                         segment.offset);
    }
    scan.components.push_back({plane, p[1] >> 4, p[1] & 15});
    blocks += header_.components[plane].across * header_.components[plane].down;
  }
  if (n > 1 && blocks > kMaxBlocksPerMcu) {
    return JpegCorrupt("at most 10 blocks together", absl::StrCat(blocks), segment.offset);
  }
  const uint8_t* p = payload.data() + 1 + 2 * n;
  scan.band = {p[0], p[1], p[2] >> 4, p[2] & 15};
  MD2_RETURN_IF_ERROR(CheckBand(scan));
  return scan;
}

absl::Status ScanChecker::CheckBand(const Scan& scan) const {
  const JpegBand& band = scan.band;
  const bool is_whole = band.first == 0 && band.high == 0 && band.low == 0;
  const bool is_dc = band.first == 0 && band.last == 0;
  const bool is_ac =
      band.first > 0 && band.first <= band.last && band.last <= 63 && scan.components.size() == 1;
  const bool refines = band.high == 0 || band.high == band.low + 1;
  const bool is_valid = header_.progressive ? (is_dc || is_ac) && refines &&
                                                  band.high <= kMaxShift && band.low <= kMaxShift
                                            : is_whole;
  if (is_valid) return absl::OkStatus();
  return JpegCorrupt("a band of coefficients and bits that may be",
                     absl::StrCat(band.first, " to ", band.last, ", ", band.high, " to ", band.low),
                     scan.offset);
}

// Each bit of each coefficient comes once and in its turn.
absl::Status ScanChecker::CheckProgress(const Scan& scan) {
  if (++num_scans_ > kMaxJpegScans) {
    return ImageUnsupported(absl::StrCat("JPEG: expected at most ", kMaxJpegScans,
                                         " scans, found more at byte ", scan.offset));
  }
  const JpegBand& band = scan.band;
  for (const ScanComponent& component : scan.components) {
    auto& low = planes_[component.plane].low;
    const int last = header_.progressive ? band.last : 63;
    for (int k = band.first; k <= last; ++k) {
      const int expected = band.high == 0 ? kNotSeen : band.high;
      const bool lacks_dc = k > 0 && header_.progressive && low[0] == kNotSeen;
      if (low[k] != expected || lacks_dc) {
        return JpegCorrupt("a scan that adds to the ones before", "one out of order", scan.offset);
      }
      low[k] = static_cast<int8_t>(band.low);
    }
  }
  return absl::OkStatus();
}

absl::Status ScanChecker::CheckTables(const Scan& scan) const {
  const bool needs_dc = scan.band.first == 0 && scan.band.high == 0;
  const bool needs_ac = !header_.progressive || scan.band.first > 0;
  for (const ScanComponent& component : scan.components) {
    if ((needs_dc && !tables_.dc(component.dc_table).is_defined()) ||
        (needs_ac && !tables_.ac(component.ac_table).is_defined()) ||
        !tables_.has_quant(header_.components[component.plane].quant_table)) {
      return JpegCorrupt("a scan whose tables are defined", "one that lacks some", scan.offset);
    }
  }
  return absl::OkStatus();
}

// Steps behind the restart marker of that number, at which `bits` must stand.
absl::Status ScanChecker::PassRestart(int64_t number, EntropyBits& bits) const {
  const auto expected = static_cast<uint8_t>(kJpegRestart0 + number % 8);
  if (bits.exhausted()) {
    size_t position = bits.position();
    MD2_ASSIGN_OR_RETURN(const JpegSegment segment, NextJpegSegment(bytes_, position));
    if (segment.marker == expected) {
      bits = EntropyBits(bytes_, position);
      return absl::OkStatus();
    }
  }
  return JpegCorrupt(absl::StrCat("the restart marker ff ", absl::Hex(expected, absl::kZeroPad2)),
                     "something else", bits.position());
}

absl::Status ScanChecker::FollowScan(const Scan& scan, size_t& position) {
  EntropyBits bits(bytes_, position);
  std::vector<JpegCoefficients> followers;
  followers.reserve(scan.components.size());
  for (const ScanComponent& c : scan.components) {
    followers.emplace_back(bits, tables_.dc(c.dc_table), tables_.ac(c.ac_table), scan.band,
                           planes_[c.plane].nonzero);
  }
  const bool alone = scan.components.size() == 1;
  const Plane& only = planes_[scan.components[0].plane];
  const int64_t across = alone ? only.blocks_across : mcus_across_;
  const int64_t num_mcus = across * (alone ? only.blocks_down : mcus_down_);
  const int interval = tables_.restart_interval();
  for (int64_t mcu = 0; mcu < num_mcus; ++mcu) {
    if (interval > 0 && mcu > 0 && mcu % interval == 0) {
      MD2_RETURN_IF_ERROR(PassRestart(mcu / interval - 1, bits));
      for (JpegCoefficients& follower : followers) follower.Reset();
    }
    // Where the MCU is one block, AC scans need to know which.
    const auto block = static_cast<size_t>(mcu / across * only.stored_across + mcu % across);
    if (!FollowMcu(scan, block, followers) || bits.overrun()) return Broken(bits);
  }
  bits.SkipToByte();
  while (!bits.exhausted()) {  // some cameras pad with zeros; anything else is rows to spare
    if (bits.ReadBits(8) != 0) {
      return JpegCorrupt("a marker after the last block", "more data", bits.position());
    }
  }
  position = bits.position();
  return absl::OkStatus();
}

bool ScanChecker::FollowMcu(const Scan& scan, size_t block,
                            std::vector<JpegCoefficients>& followers) const {
  for (size_t i = 0; i < followers.size(); ++i) {
    const JpegComponent& component = header_.components[scan.components[i].plane];
    const int num_blocks = followers.size() == 1 ? 1 : component.across * component.down;
    for (int b = 0; b < num_blocks; ++b) {
      if (!(header_.progressive ? followers[i].FollowProgressive(block)
                                : followers[i].FollowSequential())) {
        return false;
      }
    }
  }
  return true;
}

absl::Status ScanChecker::Broken(const EntropyBits& bits) const {
  if (bits.position() + 1 >= bytes_.size()) return JpegTruncated(bytes_.size());
  return bits.overrun()
             ? JpegCorrupt("more of the picture", "the end of a scan's data", bits.position())
             : JpegCorrupt("a Huffman code", "something else", bits.position());
}

absl::Status ScanChecker::CheckComplete(const JpegSegment& end) const {
  for (int i = 0; i < header_.num_components; ++i) {
    if (planes_[i].low[0] == kNotSeen) {
      return JpegCorrupt(absl::StrCat(header_.num_components, " components"),
                         "the end marker before all", end.offset);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckJpegScans(absl::Span<const uint8_t> bytes, const JpegHeader& header) {
  return ScanChecker(bytes, header).Run();
}

}  // namespace md2::image
