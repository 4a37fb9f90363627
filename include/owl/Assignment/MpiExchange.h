//===- MpiExchange.h - Participants that are processes ----------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_MPIEXCHANGE_H
#define OWL_ASSIGNMENT_MPIEXCHANGE_H

#include "owl/Assignment/Exchange.h"
#include <memory>

namespace owl::assignment {

/// The exchange of this process with the others that mpirun has started, or
/// null if mpirun has not started it. To be called once; MPI ends with the
/// result. Sums are in the order of the ranks: as many threads compute the same
/// bits.
std::unique_ptr<Exchange> joinMpi();

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_MPIEXCHANGE_H
