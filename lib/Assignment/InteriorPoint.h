//===- InteriorPoint.h - Newton's method for block programs -----*- C++ -*-===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A primal-dual predictor-corrector method (Mehrotra 1992). The optimality
// conditions of a BlockProgram are linear but for products:
//
//   s_j z_j = 0            for each entry and its reduced cost z_j,
//   u_i y_i = W_i          for each logarithm, whose multiplier is y_i,
//   slack_r y_r = 0        for each other row,
//
// and the zeros are approached through a barrier parameter mu. A step takes
// three exchanges: one to add up how demand follows prices, two for lengths.
// InteriorPointStart.cpp has the rows and where they start, InteriorPoint.cpp
// the steps and what comes out.
//
//===----------------------------------------------------------------------===//

#ifndef OWL_LIB_ASSIGNMENT_INTERIORPOINT_H
#define OWL_LIB_ASSIGNMENT_INTERIORPOINT_H

#include "BlockProgram.h"
#include "SchurComplement.h"
#include "owl/Assignment/Exchange.h"

namespace owl::assignment {

class InteriorPoint {
public:
  /// `byDevice` allows for the R by R factorisation where that is smaller, and
  /// there is one participant.
  InteriorPoint(const BlockProgram &program, Exchange &exchange,
                bool byDevice = true);

  /// Takes a step. Fails where it would be too short to be of use, or numbers
  /// overflow: this is as near as the method comes.
  bool step();
  /// Where there are limits or disagreements, a step that makes the products
  /// much smaller has rounding errors, which the prices have many times over.
  /// This takes steps that make all products the same, with a sum of `gap`,
  /// and at last change next to nothing: what the prices are then depends on
  /// nothing but the program. Returns whether there are such rows.
  bool polish(double gap);

  /// The sum of the products that should be 0, before the last step: about the
  /// duality gap.
  double getGapEstimate() const { return mu * products; }
  /// The largest violation of a linear constraint, relative to its own size.
  double getInfeasibility() const { return infeasibility; }
  double getLevel() const { return level * program.levelStart; }
  /// The allocation, each category scaled to be placed whole. One exchange.
  Allocation getAllocation();
  Prices getPrices() const;
  /// Multipliers of the gain rows, one per device.
  std::vector<double> getGainPrices() const;

private:
  enum RowKind { Gain, Time, Memory };
  struct Row {
    RowKind kind;
    /// What the row is divided by.
    double scale;
    /// The slack should be offset + level * z +- (utility, time or memory).
    double offset, level;
    /// W_i, or 0: what slack * multiplier should be.
    double target = 0;
    double bonus = 0;
    double slack = 0, multiplier = 0, slackStep = 0, multiplierStep = 0;
    /// offset + ... - slack: zero where the row is kept.
    double residual = 0;
  };
  struct DeviceState {
    /// Its entries in the rates, and in the arrays of this class.
    int64_t rates, entry;
    int32_t size;
    int rows = 0;
    Row row[kMaxRows];
  };
  /// A step of the prices and the level, which says what all others do.
  struct Direction {
    Eigen::VectorXd prices;
    double level = 0;
  };
  /// The step of a device's variables.
  struct Steps {
    std::vector<double> x, z;
    double slack[kMaxRows], multiplier[kMaxRows];
  };
  /// How far steps can go: the largest -step / value of any variable, of which
  /// the length is the inverse.
  struct Lengths {
    double primal, dual;
    Lengths();
    void invert();
  };

  void addRows(int32_t i);
  /// About what a row that is not yet scaled can add up to at most.
  double getLimit(const Row &row) const;
  void start();
  /// The derivatives of a row's slack by the shares.
  void getCoefficients(const DeviceState &device, const Row &row,
                       std::vector<double> &to) const;
  /// A diminishing utility of a device, not yet scaled.
  double getUtility(const DeviceState &device) const;
  /// What a row adds up to, with these coefficients: the slack should be this,
  /// and offset and level.
  double getValue(const DeviceState &device, const Row &row,
                  const std::vector<double> &a) const;

  /// Takes the steps that were found last, for device `i`.
  void move(int32_t i);
  /// Makes `i` the device that the functions below are about, at the present
  /// point.
  void load(int32_t i);
  /// The steps that a direction leads to, for products of `centre`, where
  /// `second` are the steps whose products are to be made up for, if any, by
  /// the part `weight`.
  void respond(const Direction &direction, double centre, const Steps *second,
               double weight, Steps &steps);
  void updateLengths(const Steps &steps, Lengths &lengths) const;
  /// Stores the steps of all devices in `direction`, and returns how far they
  /// can go.
  Lengths substitute(const Direction &direction, double centre,
                     double correction);

  const BlockProgram &program;
  const Problem &problem;
  const Rates &rates;
  Exchange &exchange;
  bool nonlinear;

  int32_t numCategories;
  std::vector<double> counts;
  std::vector<DeviceState> devices;
  /// Of each entry: the share x of its category, the reduced cost z, their
  /// steps.
  std::vector<double> x, z, xStep, zStep;
  Eigen::VectorXd prices;
  double level = 0;
  /// What goes for products of 0, and the last direction.
  Direction predictor, direction;
  Lengths lengths;
  double mu = 1, infeasibility = 1;
  /// What polish() makes all products; else 0.
  double target = 0;
  /// The least of both so far, and how many steps ago.
  struct {
    double mu = kUnlimited, distance = kUnlimited;
  } best;
  int stalls = 0;
  /// How many products there are that should be 0, over all participants.
  double products = 0;
  /// Whether there are limits or disagreements.
  bool isTight = false;

  std::unique_ptr<SchurComplement> schur;

  // The device that is loaded, and of each of its entries 1 / x, 1 / z and
  // what it is worth at the margin, less its price.
  DeviceState *device = nullptr;
  Block block;
  std::vector<double> inverseX, inverseZ, surplus;
  Steps predicted, corrected, centring;
};

} // namespace owl::assignment

#endif // OWL_LIB_ASSIGNMENT_INTERIORPOINT_H
