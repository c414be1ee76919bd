// Defines, for programs that compute in the same large pieces over and over:
//   KeepFreedMemory     what is freed stays
//   ReturnFreedMemory   until a phase of such work is over

#ifndef MD2_CORE_BASE_HEAP_H_
#define MD2_CORE_BASE_HEAP_H_

namespace md2::base {

// From now on what this process frees stays its own, pieces of up to a GiB: glibc would give pieces
// of many megabytes back to the system, which hands them out anew a page at a time, and a product
// into such a piece takes up to twice as long. Changes nothing elsewhere. Call it first thing, from
// one thread.
void KeepFreedMemory();

// Gives what lies free now back to the system, as far as it can be. Safe for concurrent use.
void ReturnFreedMemory();

}  // namespace md2::base

#endif  // MD2_CORE_BASE_HEAP_H_
