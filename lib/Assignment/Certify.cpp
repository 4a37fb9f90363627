//===- Certify.cpp - What no plan can exceed ------------------------------===//
//
// Part of Owl, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Weak duality. Let device i pay p_ik = lambda_k + alpha_i t_ik + beta_i m_k
// for an instance. For any lambda and any alpha, beta >= 0 no plan is worth
// more than
//
//   sum_k lambda_k T_k + sum_i n_i (alpha_i tau + beta_i M_i)
//     + sum_i sup { n_i w_i log(U_i(s / n_i) - d_i) - p_i s : 0 <= s_k <= T_k }
//
// with n_i devices that are alike in class i. Of each supremum this is, for any
// y > 0, an upper bound, since W log z <= W log(W / Y) - W + Y z:
//
//   phi(y) = n w (log(w / y) - 1) - y n d
//              + sum_k max { y n u_k(s / n) - p_k s : 0 <= s <= T_k }
//
// where u_k is the part of category k in U. phi is convex, its least value is
// the supremum, and near it a small error in y hardly matters. A pinned device
// has no logarithm, only U >= d with the multiplier y >= 0: phi is the same
// with w = 0.
//
//===----------------------------------------------------------------------===//

#include "owl/Assignment/Plan.h"
#include <algorithm>
#include <cmath>

using namespace owl::assignment;

/// How much less than its disagreement value, relatively, a device may have:
/// see verify().
static constexpr double kTolerance = 1e-6;

namespace {

/// A category as one class of devices sees it.
struct Offer {
  double gain, price, count;
  /// n c of a diminishing utility.
  double saturation;
  /// The y from which on the class wants some of it.
  double getThreshold() const { return price / gain; }
};

/// phi of one class of devices.
class Bound {
public:
  Bound(const Problem &problem, const Rules &rules, const Prices &prices,
        int32_t i);

  /// Its least value.
  double get();

private:
  bool isHopeless() const;
  double getLeastLinear();
  double getLeastDiminishing();
  /// What the class takes of `offer` at multiplier `y`.
  double getDemand(const Offer &offer, double y) const;
  /// phi without the categories.
  double getConstant(double y) const;

  const Utility utility;
  double count, weight, disagreement;
  /// What is worth something to it and costs something. All the rest is either
  /// left or taken whole:
  std::vector<Offer> offers;
  /// n times the utility of what is taken whole, and what is paid for it less
  /// what its time and memory are worth.
  double takenGain = 0, takenPrice = 0;
};

} // namespace

/// n u(s / n) of `s` instances.
static double getWorth(const Offer &offer, double s, Utility utility) {
  if (utility == Utility::Linear)
    return offer.gain * s;
  return offer.gain * offer.saturation * std::log1p(s / offer.saturation);
}

Bound::Bound(const Problem &problem, const Rules &rules, const Prices &prices,
             int32_t i)
    : utility(problem.utility), count(problem.devices[i].count),
      weight(rules.pinned[i] ? 0 : problem.devices[i].weight),
      disagreement(problem.devices[i].disagreement) {
  const Rates &rates = problem.rates;
  double second = 0, unit = 0;
  if (!prices.time.empty() && rules.deadline != kUnlimited)
    second = std::max(0.0, prices.time[i]);
  if (!prices.memory.empty() && problem.devices[i].memory != kUnlimited)
    unit = std::max(0.0, prices.memory[i]);
  if (second > 0)
    takenPrice -= count * second * rules.deadline;
  if (unit > 0)
    takenPrice -= count * unit * problem.devices[i].memory;
  for (int64_t e = problem.begin(i); e != problem.end(i); ++e) {
    const Category &category = problem.categories[rates.category[e]];
    Offer offer{rates.gain[e], prices.category[rates.category[e]],
                category.count, 0};
    if (second > 0 && !rates.time.empty())
      offer.price += second * rates.time[e];
    offer.price += unit * category.memory;
    if (utility == Utility::Diminishing)
      offer.saturation = rates.saturation[e] * count;
    if (offer.count == 0)
      continue;
    if (offer.price <= 0) {
      takenGain += getWorth(offer, offer.count, utility);
      takenPrice += offer.price * offer.count;
    } else if (offer.gain > 0) {
      offers.push_back(offer);
    }
  }
}

double Bound::getConstant(double y) const {
  double value = y * (takenGain - count * disagreement) - takenPrice;
  if (weight > 0)
    value += count * weight * (std::log(weight / y) - 1);
  return value;
}

/// phi' is -n w / y plus what is left to gain, which grows in steps where
/// categories begin to be wanted: they are taken, the cheapest first, until phi
/// no longer falls.
double Bound::getLeastLinear() {
  auto isDearer = [](const Offer &a, const Offer &b) {
    return a.getThreshold() > b.getThreshold();
  };
  std::make_heap(offers.begin(), offers.end(), isDearer);
  double y = 0;
  while (true) {
    const double surplus = takenGain - count * disagreement;
    double bottom = kUnlimited;
    if (surplus > 0)
      bottom = count * weight / surplus;
    else if (surplus == 0 && weight == 0)
      bottom = 0;
    if (offers.empty() && bottom == kUnlimited)
      return weight > 0 ? -kUnlimited : getConstant(y);
    if (offers.empty() || bottom <= offers.front().getThreshold())
      return getConstant(std::max(y, bottom));

    std::pop_heap(offers.begin(), offers.end(), isDearer);
    y = offers.back().getThreshold();
    takenGain += offers.back().gain * offers.back().count;
    takenPrice += offers.back().price * offers.back().count;
    offers.pop_back();
  }
}

double Bound::getDemand(const Offer &offer, double y) const {
  return std::clamp(offer.saturation * (y / offer.getThreshold() - 1), 0.0,
                    offer.count);
}

/// Newton's method on phi', between bounds that it narrows.
double Bound::getLeastDiminishing() {
  double most = takenGain - count * disagreement;
  double low = kUnlimited, high = 0;
  for (const Offer &offer : offers) {
    most += getWorth(offer, offer.count, utility);
    low = std::min(low, offer.getThreshold());
    high = std::max(high, offer.getThreshold() *
                              (1 + offer.count / offer.saturation));
  }
  if (weight > 0) {
    if (most <= 0)
      return -kUnlimited;
    low = count * weight / most;
    high = std::max(high, low);
  } else if (offers.empty() || takenGain >= count * disagreement) {
    return getConstant(0);
  }

  double y = std::sqrt(low) * std::sqrt(high);
  for (int step = 0; step != 60 && high - low > 1e-12 * high; ++step) {
    double slope = takenGain - count * disagreement - count * weight / y;
    double curvature = count * weight / (y * y);
    for (const Offer &offer : offers) {
      const double s = getDemand(offer, y);
      slope += getWorth(offer, s, utility);
      if (s > 0 && s < offer.count)
        curvature += offer.gain * offer.saturation / y;
    }
    (slope < 0 ? low : high) = y;
    const double next = y - slope / curvature;
    if (std::abs(next - y) <= 1e-12 * y)
      break;
    y = next > low && next < high ? next : std::sqrt(low) * std::sqrt(high);
  }
  double value = getConstant(y);
  for (const Offer &offer : offers) {
    const double s = getDemand(offer, y);
    value += y * getWorth(offer, s, utility) - offer.price * s;
  }
  return value;
}

/// Whether not even all that there is gives a pinned device what it has: then
/// phi has no least value.
bool Bound::isHopeless() const {
  double most = takenGain;
  for (const Offer &offer : offers)
    most += getWorth(offer, offer.count, utility);
  const double least = count * disagreement;
  return weight == 0 && most < least - kTolerance * std::abs(least);
}

double Bound::get() {
  if (isHopeless())
    return -kUnlimited;
  return utility == Utility::Linear ? getLeastLinear() : getLeastDiminishing();
}

Certificate owl::assignment::certify(const Problem &problem, const Rules &rules,
                                     const Allocation &allocation,
                                     const Prices &prices) {
  Certificate certificate;
  for (size_t k = 0; k != problem.categories.size(); ++k)
    certificate.dual += prices.category[k] * problem.categories[k].count;
  for (int32_t i = 0; i != problem.getNumDevices(); ++i) {
    const Device &device = problem.devices[i];
    certificate.dual += Bound(problem, rules, prices, i).get();
    if (rules.pinned[i])
      continue;
    certificate.weight += device.count * device.weight;
    const double gain =
        problem.getUtility(i, allocation.row(i)) - device.disagreement;
    certificate.primal +=
        gain > 0 ? device.count * device.weight * std::log(gain) : -kUnlimited;
  }
  // Prices that are no numbers show nothing.
  if (std::isnan(certificate.dual))
    certificate.dual = kUnlimited;
  return certificate;
}
