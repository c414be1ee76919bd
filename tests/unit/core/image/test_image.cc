#include "tests/unit/core/image/test_image.h"

#include <algorithm>
#include <cstddef>

namespace md2::image {

Image GreyImage(int width, const std::vector<int>& levels) {
  Image image(width, static_cast<int>(levels.size()) / width);
  uint8_t* out = image.mutable_row(0);
  for (const int level : levels) out = std::fill_n(out, kChannels, static_cast<uint8_t>(level));
  return image;
}

std::vector<int> RedLevels(const Image& image) {
  std::vector<int> levels;
  for (size_t i = 0; i < image.pixels().size(); i += kChannels) {
    levels.push_back(image.pixels()[i]);
  }
  return levels;
}

Image NoiseImage(uint64_t seed, int width, int height) {
  Image image(width, height);
  uint64_t number = seed * 0x9e3779b97f4a7c15;
  for (uint8_t& level : image.mutable_pixels()) {
    uint64_t z = number++;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    level = static_cast<uint8_t>(z >> 56);
  }
  return image;
}

uint64_t Fnv1a(absl::Span<const uint8_t> bytes) {
  uint64_t state = 0xcbf29ce484222325;
  for (const uint8_t byte : bytes) state = (state ^ byte) * 0x100000001b3;
  return state;
}

}  // namespace md2::image
