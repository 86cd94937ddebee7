using System.Globalization;
using System.Text.Json;
using RunnerScaler.Bench;
using RunnerScaler.Bench.Images;
using RunnerScaler.Bench.Queue;
using RunnerScaler.RealCluster;

return args switch
{
    ["footprint", ..] => Show(
        await new Footprint(Number(2, 300), TimeProvider.System).CompareAsync(Number(1, 3), CancellationToken.None)),
    ["crowd", ..] => Show(await new Crowd(Number(1, 6_000), TimeProvider.System).RunAsync(CancellationToken.None)),
    ["images", ..] => await new ImageWays(Number(1, 200), TimeProvider.System)
        .RunAsync(Number(2, 5), CancellationToken.None),
    ["queue", .. var wanted] => Queue(wanted),
    ["collector"] => await CollectAsync(),
    ["ends", ..] => Show(new EndCosts(Number(1, 50)).Measure()),
    ["plan", ..] => Show(new Dictionary<string, PlanFigures>
    {
        // One pool has everything to itself, or a hundred share it.
        ["100 pools"] = Plan(100, allQueued: false),
        ["1 pool"] = Plan(1, allQueued: false),
        ["1 pool, all queued and in standby"] = Plan(1, allQueued: true),
    }),
    _ => await BurstAsync(),
};

int Number(int position, int otherwise) =>
    args.Length > position ? int.Parse(args[position], CultureInfo.InvariantCulture) : otherwise;

static int Show<T>(T figures)
{
    Console.WriteLine(JsonSerializer.Serialize(figures, Figures.Json));
    return 0;
}

static int Refuse(string? why)
{
    Console.Error.WriteLine(why);
    return 2;
}

static int Queue(string[] wanted)
{
    if (QueueOptions.Read(wanted, out var wrong) is not { } options)
        return Refuse(wrong);
    foreach (var line in new QueueComparison(options).Run())
        Console.WriteLine(line);
    return 0;
}

static async Task<int> CollectAsync()
{
    await EndCosts.CollectAsync();
    return 0;
}

PlanFigures Plan(int pools, bool allQueued) =>
    new PlanAtSize(pools, Number(1, 10_000), allQueued, TimeProvider.System).Measure(rounds: 50);

async Task<int> BurstAsync() => RealApiServer.WhyNot() is { } reason
    ? Refuse(reason)
    : Show(await new BurstOnRealServer(Number(0, 300), TimeProvider.System).RunAsync(CancellationToken.None));
