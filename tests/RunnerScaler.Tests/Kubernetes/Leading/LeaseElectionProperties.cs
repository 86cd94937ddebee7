using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace RunnerScaler.Tests.Kubernetes.Leading;

public sealed class LeaseElectionProperties
{
    private static readonly Gen<Fate[]> Fates =
        Gen.Frequency(
            (6, Gen.Const(Fate.Fine)),
            (2, Gen.Const(Fate.Refused)),
            (2, Gen.Const(Fate.AnswerLost)),
            (1, Gen.Const(Fate.Stuck))).Array[40, 120];

    private static readonly Gen<(Fate[] Fates, int Skew, int Seed)> OfReplica =
        Gen.Select(Fates, Gen.Int[-100_000, 100_000], Gen.Int[1, 1000]);

    /// <summary>Which replica stops, at which tenth of a second.</summary>
    private static readonly Gen<(int Who, int When)[]> Stops = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3000]).Array[0, 2];

    [Fact]
    public async Task NeverAreTwoGatesOpen() =>
        await Gen.Select(OfReplica.Array[3], Stops).SampleAsync(
            async (replicas, stops) =>
            {
                var everLed = await RunAsync(replicas, stops);
                Assert.True(everLed || stops.Length > 0, "with these odds somebody leads some time");
            },
            iter: 60);

    [Fact]
    public async Task WhenTheFaultsStopSomebodyLeads() =>
        await OfReplica.Array[2].SampleAsync(
            async replicas =>
            {
                var time = new FakeTimeProvider();
                var world = new LeaseWorld();
                var calm = false;
                var running = replicas.Select((r, i) => Start(r, i, world, time, () => calm)).ToList();
                for (var tenth = 0; tenth < 300; tenth++)
                    time.Advance(TimeSpan.FromSeconds(0.1));
                calm = true;
                for (var tenth = 0; tenth < 300; tenth++)
                    time.Advance(TimeSpan.FromSeconds(0.1));
                Assert.Single(running, r => r.Gate.IsOpen);
                await Task.WhenAll(running.Select(r => r.StopAsync()));
            },
            iter: 30);

    private static async Task<bool> RunAsync((Fate[] Fates, int Skew, int Seed)[] replicas, (int Who, int When)[] stops)
    {
        var time = new FakeTimeProvider();
        var world = new LeaseWorld();
        var calm = false;
        var running = replicas.Select((r, i) => Start(r, i, world, time, () => calm)).ToList();
        var stopping = new List<Task>();
        var everLed = false;
        for (var tenth = 0; tenth < 3000; tenth++)
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            foreach (var stop in stops.Where(s => s.When == tenth))
                stopping.Add(running[stop.Who].StopAsync());
            var open = running.Count(r => r.Gate.IsOpen);
            Assert.True(open <= 1, $"{open} gates are open at {tenth / 10.0} s");
            everLed |= open == 1;
        }
        calm = true;
        stopping.AddRange(running.Select(r => r.StopAsync()));
        // For those whose last request is stuck.
        time.Advance(TimeSpan.FromMinutes(1));
        await Task.WhenAll(stopping);
        return everLed;
    }

    private static Replica Start(
        (Fate[] Fates, int Skew, int Seed) replica, int number, LeaseWorld world, TimeProvider time, Func<bool> calm)
    {
        var next = 0;
        return new Replica(
            $"replica-{number}",
            world,
            new SkewedTime(time, TimeSpan.FromSeconds(replica.Skew)),
            () => calm() ? Fate.Fine : replica.Fates[next++ % replica.Fates.Length],
            replica.Seed);
    }
}
