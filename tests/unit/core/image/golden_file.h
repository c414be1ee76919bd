// Defines reading of tests/golden/image; its MANIFEST.md says what the files hold. Each function
// ends the test program with a message when it cannot read.

#ifndef MD2_TESTS_UNIT_CORE_IMAGE_GOLDEN_FILE_H_
#define MD2_TESTS_UNIT_CORE_IMAGE_GOLDEN_FILE_H_

#include <string>
#include <vector>

namespace md2::image {

struct GoldenPicture {
  std::string name;
  int width = 0;
  int height = 0;
  std::string file;  // PNG or JPEG
  std::string rgb;   // [height, width, 3], as Pillow reads it
};

// One picture a line of "png.jsonl" or "jpeg.jsonl".
std::vector<GoldenPicture> ReadGoldenPictures(const std::string& file_name);

// The file of the picture with that name.
std::string GoldenPng(const std::string& name);
std::string GoldenJpeg(const std::string& name);

// The words of each line.
std::vector<std::vector<std::string>> ReadGoldenLines(const std::string& file_name);

}  // namespace md2::image

#endif  // MD2_TESTS_UNIT_CORE_IMAGE_GOLDEN_FILE_H_
