// Defines
//   CaptionedPicture   a picture and the text under it
//   ContactSheet       many of them as one picture, for a person to look over

#ifndef MD2_CORE_DATA_DATAGEN_CONTACT_SHEET_H_
#define MD2_CORE_DATA_DATAGEN_CONTACT_SHEET_H_

#include <string>
#include <utility>
#include <vector>

#include "core/data/datagen/font.h"
#include "core/image/image.h"

namespace md2::datagen {

struct CaptionedPicture {
  image::Image picture;
  std::string caption;  // ASCII
};

// Row by row from the left, about 1,000 pixels wide, on white; captions are written with `font` and
// cut where their picture ends. REQUIRES: `pictures` is not empty.
image::Image ContactSheet(const std::vector<CaptionedPicture>& pictures, const Font& font);

}  // namespace md2::datagen

#endif  // MD2_CORE_DATA_DATAGEN_CONTACT_SHEET_H_
