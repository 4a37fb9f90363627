//===- MpiExchange.h - Participants that are processes ----------*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef OWL_ASSIGNMENT_MPIEXCHANGE_H
#define OWL_ASSIGNMENT_MPIEXCHANGE_H

#include "owl/Assignment/Exchange.h"
#include <cstdlib>
#include <memory>

namespace owl::assignment {

/// Whether this process is one of an mpirun: by what the launchers of Open MPI,
/// and of MPICH and its kin, leave in the environment.
inline bool isStartedByMpi() {
  return std::getenv("OMPI_COMM_WORLD_SIZE") || std::getenv("PMI_SIZE");
}

/// The exchange of this process with the others of its mpirun. To be called
/// once; MPI ends with the result. Sums are in the order of the ranks: as many
/// threads compute the same bits. Only where Owl is built with an MPI.
std::unique_ptr<Exchange> joinMpi();

} // namespace owl::assignment

#endif // OWL_ASSIGNMENT_MPIEXCHANGE_H
