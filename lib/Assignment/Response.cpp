//===- Response.cpp - What a device wants at given prices -----------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Without limits of time and memory the answer has one unknown: y = n w / (n
// (U - d)), what a unit of utility is worth. A linear utility buys in ascending
// order of price / gain as long as that is below y; a diminishing one takes of
// each category until its marginal gain times y is the price. Mostly the limits
// do not bind, and this is the answer with them, too.
//
//===----------------------------------------------------------------------===//

#include "Response.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

namespace {

/// A category that is worth something to a device and costs something.
struct Offer {
  double gain, price, count;
  /// n c of a diminishing utility.
  double saturation;
  /// Where it is in the row.
  int64_t place;

  double getRatio() const { return price / gain; }
};

/// A class of devices that has only prices to think of.
class Buyer {
public:
  Buyer(const Problem &problem, const Rules &rules, int32_t i,
        const double *prices, double *row);

  Response respond();

private:
  void buyLinear();
  void buyDiminishing();
  /// n U of what is bought at `y`, less n d; with its derivative.
  double getSurplus(double y, double &slope) const;
  double getDemand(const Offer &offer, double y) const;

  const Device &device;
  const Utility utility;
  /// n w, or 0 if it is pinned.
  double weight;
  double *row;
  std::vector<Offer> offers;
  /// n (U - d) of what has been bought, and what that cost.
  double surplus, cost = 0;
};

} // namespace

/// n u(s / n) of `s` instances of one category.
static double getWorth(Utility utility, double gain, double saturation,
                       double s) {
  if (utility == Utility::Linear)
    return gain * s;
  return gain * saturation * std::log1p(s / saturation);
}

Buyer::Buyer(const Problem &problem, const Rules &rules, int32_t i,
             const double *prices, double *row)
    : device(problem.devices[i]), utility(problem.utility),
      weight(rules.pinned[i] ? 0 : device.count * device.weight), row(row),
      surplus(-device.count * device.disagreement) {
  const Rates &rates = problem.rates;
  const int64_t first = problem.begin(i), last = problem.end(i);
  for (int64_t e = first; e != last; ++e) {
    const double count = problem.categories[rates.category[e]].count;
    const double saturation = utility == Utility::Diminishing
                                  ? rates.saturation[e] * device.count
                                  : 0;
    const Offer offer{rates.gain[e], prices[rates.category[e]], count,
                      saturation, e - first};
    row[offer.place] = 0;
    // What costs nothing is taken if it is worth something, or is even paid
    // for.
    if (offer.price < 0 || (offer.price == 0 && offer.gain > 0)) {
      row[offer.place] = count;
      cost += offer.price * count;
      surplus += getWorth(utility, offer.gain, saturation, count);
    } else if (offer.gain > 0 && count > 0) {
      offers.push_back(offer);
    }
  }
}

void Buyer::buyLinear() {
  auto isDearer = [](const Offer &a, const Offer &b) {
    return a.getRatio() > b.getRatio();
  };
  std::make_heap(offers.begin(), offers.end(), isDearer);
  while (!offers.empty()) {
    std::pop_heap(offers.begin(), offers.end(), isDearer);
    const Offer offer = offers.back();
    offers.pop_back();
    const double wanted = weight / offer.getRatio() - surplus;
    if (wanted <= 0)
      return;
    const double bought = std::min(wanted / offer.gain, offer.count);
    row[offer.place] = bought;
    surplus += offer.gain * bought;
    cost += offer.price * bought;
  }
}

double Buyer::getDemand(const Offer &offer, double y) const {
  return std::clamp(offer.saturation * (y / offer.getRatio() - 1), 0.0,
                    offer.count);
}

double Buyer::getSurplus(double y, double &slope) const {
  double value = surplus;
  slope = 0;
  for (const Offer &offer : offers) {
    const double s = getDemand(offer, y);
    value += getWorth(utility, offer.gain, offer.saturation, s);
    if (s > 0 && s < offer.count)
      slope += offer.gain * offer.saturation / y;
  }
  return value;
}

void Buyer::buyDiminishing() {
  // Nothing is bought at `low`, and all at `high`.
  double low = kUnlimited, high = 0;
  for (const Offer &offer : offers) {
    low = std::min(low, offer.getRatio());
    high =
        std::max(high, offer.getRatio() * (1 + offer.count / offer.saturation));
  }
  // The root of the surplus at y less n w / y, which ascends: Newton's method
  // between bounds.
  double slope, y = std::sqrt(low) * std::sqrt(high);
  if (offers.empty() || surplus * low >= weight)
    y = 0;
  else if (getSurplus(high, slope) * high <= weight)
    y = high;
  else
    for (int step = 0; step != 100 && high - low > 1e-15 * high; ++step) {
      const double error = getSurplus(y, slope) - weight / y;
      slope += weight / (y * y);
      (error < 0 ? low : high) = y;
      double next = y - error / slope;
      if (!(next > low && next < high))
        next = std::sqrt(low) * std::sqrt(high);
      if (std::abs(next - y) <= 1e-15 * y)
        break;
      y = next;
    }

  for (const Offer &offer : offers) {
    const double s = y == 0 ? 0 : getDemand(offer, y);
    row[offer.place] = s;
    surplus += getWorth(utility, offer.gain, offer.saturation, s);
    cost += offer.price * s;
  }
}

Response Buyer::respond() {
  if (utility == Utility::Linear)
    buyLinear();
  else
    buyDiminishing();
  Response response;
  response.bound = -cost;
  if (weight > 0)
    response.bound += weight * std::log(surplus / device.count);
  return response;
}

Response owl::assignment::respond(const Problem &problem, const Rules &rules,
                                  int32_t i, const double *prices,
                                  double *row) {
  Response response = Buyer(problem, rules, i, prices, row).respond();
  if (problem.getTime(i, row) <= rules.deadline &&
      problem.getMemory(i, row) <= problem.devices[i].memory)
    return response;
  return respondWithinLimits(problem, rules, i, prices, row);
}
