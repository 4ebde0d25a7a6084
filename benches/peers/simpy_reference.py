"""The reference model in SimPy, as its documentation would have it. Prints requests and mean response."""

import random
import sys

import simpy


def request(env, apps, database, rng, seen):
    arrived = env.now
    app = apps[rng.randrange(4)]
    with app.request() as worker:
        yield worker
        yield env.timeout(rng.expovariate(1 / 0.0028))
    with database.request() as worker:
        yield worker
        yield env.timeout(rng.expovariate(1 / 0.0028))
    seen.append(env.now - arrived)


def client(env, apps, database, rng, seen, seconds):
    while True:
        yield env.timeout(rng.expovariate(1000))
        if env.now >= seconds:
            return
        env.process(request(env, apps, database, rng, seen))


def main():
    seconds = float(sys.argv[1])
    env, rng, seen = simpy.Environment(), random.Random(1), []
    apps = [simpy.Resource(env, 1) for _ in range(4)]
    database = simpy.Resource(env, 4)
    env.process(client(env, apps, database, rng, seen, seconds))
    env.run()
    print(len(seen), sum(seen) / len(seen))


main()
