"""The reference model in Ciw. Prints requests and mean response."""

import collections
import sys

import ciw

APPS = 4


def main():
    seconds = float(sys.argv[1])
    work = ciw.dists.Exponential(rate=1 / 0.0028)
    # Random splitting of a Poisson stream: four Poisson streams.
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=1000 / APPS)] * APPS + [None],
        service_distributions=[work] * (APPS + 1),
        number_of_servers=[1] * APPS + [4],
        routing=[[0.0] * APPS + [1.0]] * APPS + [[0.0] * (APPS + 1)],
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(seconds)
    spans = collections.defaultdict(lambda: [float("inf"), 0.0])
    for record in simulation.get_all_records():
        span = spans[record.id_number]
        span[0] = min(span[0], record.arrival_date)
        span[1] = max(span[1], record.exit_date)
    times = [end - begin for begin, end in spans.values()]
    print(len(times), sum(times) / len(times))


main()
