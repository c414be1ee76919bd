// Defines PythonFloat, a double as Python writes it.

#ifndef MD2_CORE_DATA_PYTHON_NUMBER_H_
#define MD2_CORE_DATA_PYTHON_NUMBER_H_

#include <string>

namespace md2::data {

// repr(value): the fewest digits that read back as the same double; an exponent below 1e-4 and from
// 1e16 on. REQUIRES: value is finite.
std::string PythonFloat(double value);

}  // namespace md2::data

#endif  // MD2_CORE_DATA_PYTHON_NUMBER_H_
