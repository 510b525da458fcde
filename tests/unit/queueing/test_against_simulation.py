"""Formulas against an event simulation with fixed seeds; tolerances hold what was measured, bad cells included."""

from dataclasses import dataclass

import numpy as np
import pytest

from advisor.queueing import FloatArray, Law, Station, pool, sample_sizes, sojourn_law, solve
from tests.unit.queueing.simulation import fleet_sojourns_s, lognormal_work, sojourns_s

SEEDS = range(3)
COUNTS = np.arange(1.0, 65.0)
CURVES = {
    "autoregressive": COUNTS / (0.5 + 0.01 * COUNTS + 0.02 * np.sqrt(COUNTS)),
    "diffusion": COUNTS[:4] / (1.0 + 0.6 * COUNTS[:4]),
}
LOGNORMAL_SCV = 2.25


@dataclass(frozen=True)
class Cell:
    curve: str
    load: float
    work: str
    mean: float = 0.02
    p95: float = 0.06

    def work_of(self, seed: int, jobs: int) -> FloatArray:
        rng = np.random.default_rng(seed)
        return rng.exponential(size=jobs) if self.work == "exponential" else lognormal_work(rng, jobs=jobs, scv=2.25)

    @property
    def jobs(self) -> int:
        """Few slots under high load forget slowly: the standard error of the mean is 0.8 % even so."""
        if self.curve == "autoregressive":
            return 50_000
        return 400_000 if self.load > 0.8 else 150_000

    @property
    def station(self) -> Station:
        return Station(CURVES[self.curve])

    @property
    def arrival_rps(self) -> float:
        return self.load * self.station.saturation_rps

    def simulated_s(self) -> FloatArray:
        runs = [
            sojourns_s(
                rates_rps=CURVES[self.curve].tolist(),
                arrival_rps=self.arrival_rps,
                work=self.work_of(seed, self.jobs),
                rng=np.random.default_rng(1000 + seed),
            )[self.jobs // 20 :]
            for seed in SEEDS
        ]
        return np.concatenate(runs)

    def law(self) -> Law:
        scv = 1.0 if self.work == "exponential" else LOGNORMAL_SCV
        state = solve(self.station, arrival_rps=self.arrival_rps, work_scv=scv)
        return sojourn_law(state, sizes=sample_sizes(self.work_of(99, 200_000)))


CELLS = [
    *(Cell(curve, load, "exponential") for curve in CURVES for load in (0.4, 0.7, 0.85)),
    *(Cell("autoregressive", load, "lognormal") for load in (0.4, 0.7, 0.85)),
    Cell("diffusion", 0.4, "lognormal"),
    # With four slots and heavy-tailed work the two-moment factor overstates the mean wait: +3.4 % in 5 million jobs.
    # p95 is 1 % low there, yet differs by 5 % between runs as long as these, hence its wide tolerance.
    Cell("diffusion", 0.7, "lognormal", mean=0.045),
    Cell("diffusion", 0.85, "lognormal", mean=0.045, p95=0.09),
]


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_mean_and_p95_agree_with_the_simulation(cell: Cell) -> None:
    simulated_s, law = cell.simulated_s(), cell.law()
    assert law.mean() == pytest.approx(simulated_s.mean(), rel=cell.mean)
    assert law.quantile(0.95) == pytest.approx(np.quantile(simulated_s, 0.95), rel=cell.p95)


def test_the_spread_at_a_given_size_agrees_with_the_simulation() -> None:
    rates = CURVES["autoregressive"]
    station = Station(rates)
    arrival_rps = 0.7 * station.saturation_rps
    work = np.random.default_rng(0).exponential(size=300_000)
    times_s = sojourns_s(rates_rps=rates.tolist(), arrival_rps=arrival_rps, work=work, rng=np.random.default_rng(1))
    state = solve(station, arrival_rps=arrival_rps)
    for size in (0.3, 1.0, 3.0):
        alike = np.abs(work / size - 1) < 0.05
        law = sojourn_law(state, sizes=np.array([size]))
        assert law.means_s[0] / size == pytest.approx((times_s[alike] / work[alike]).mean(), rel=0.01)
        assert law.variances_s2[0] ** 0.5 / size == pytest.approx((times_s[alike] / work[alike]).std(), rel=0.06)


def test_processor_sharing_does_not_feel_the_work_law() -> None:
    rates = CURVES["autoregressive"].tolist()
    means_s = []
    for draw in (np.ones, np.random.default_rng(0).exponential):
        work = np.ones(100_000) if draw is np.ones else np.random.default_rng(0).exponential(size=100_000)
        times_s = sojourns_s(rates_rps=rates, arrival_rps=25.0, work=work, rng=np.random.default_rng(1))
        means_s.append(times_s.mean())
    expected_s = solve(Station(CURVES["autoregressive"]), arrival_rps=25.0).mean_sojourn_s
    assert means_s == pytest.approx([expected_s] * 2, rel=0.01)


@pytest.mark.parametrize(("curve", "mean", "p95"), [("autoregressive", 0.02, 0.03), ("diffusion", 0.05, 0.07)])
@pytest.mark.parametrize("load", [0.5, 0.85])
def test_the_pooled_form_agrees_with_a_routed_fleet(curve: str, load: float, mean: float, p95: float) -> None:
    fleet = pool(Station(CURVES[curve]), replicas=4)
    work = np.random.default_rng(0).exponential(size=80_000)
    times_s = fleet_sojourns_s(
        rates_rps=CURVES[curve].tolist(),
        replicas=4,
        arrival_rps=load * fleet.saturation_rps,
        work=work,
        rng=np.random.default_rng(1),
    )
    law = sojourn_law(solve(fleet, arrival_rps=load * fleet.saturation_rps), sizes=sample_sizes(work))
    assert law.mean() == pytest.approx(times_s.mean(), rel=mean)
    assert law.quantile(0.95) == pytest.approx(np.quantile(times_s, 0.95), rel=p95)
