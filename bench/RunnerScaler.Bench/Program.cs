using System.Globalization;
using System.Text.Json;
using RunnerScaler.Bench;
using RunnerScaler.Bench.Images;
using RunnerScaler.Bench.Queue;
using RunnerScaler.RealCluster;

int Number(int position, int otherwise) =>
    args.Length > position ? int.Parse(args[position], CultureInfo.InvariantCulture) : otherwise;

if (args is ["footprint", ..])
{
    var footprint = new Footprint(Number(2, 300), TimeProvider.System);
    var figures = await footprint.CompareAsync(rounds: Number(1, 3), CancellationToken.None);
    Console.WriteLine(JsonSerializer.Serialize(figures, Figures.Json));
    return 0;
}
if (args is ["crowd", ..])
{
    var crowd = await new Crowd(Number(1, 6_000), TimeProvider.System).RunAsync(CancellationToken.None);
    Console.WriteLine(JsonSerializer.Serialize(crowd, Figures.Json));
    return 0;
}
if (args is ["images", ..])
    return await new ImageWays(Number(1, 200), TimeProvider.System).RunAsync(Number(2, 5), CancellationToken.None);
if (args is ["queue", .. var wanted])
{
    if (QueueOptions.Read(wanted, out var wrong) is not { } options)
    {
        Console.Error.WriteLine(wrong);
        return 2;
    }
    foreach (var line in new QueueComparison(options).Run())
        Console.WriteLine(line);
    return 0;
}
if (args is ["collector"])
{
    await EndCosts.CollectAsync();
    return 0;
}
if (args is ["ends", ..])
{
    Console.WriteLine(JsonSerializer.Serialize(new EndCosts(Number(1, 50)).Measure(), Figures.Json));
    return 0;
}
if (args is ["plan", ..])
{
    // One pool has everything to itself, or a hundred share it.
    PlanFigures Plan(int pools, bool allQueued) =>
        new PlanAtSize(pools, Number(1, 10_000), allQueued, TimeProvider.System).Measure(rounds: 50);
    var sizes = new Dictionary<string, PlanFigures>
    {
        ["100 pools"] = Plan(100, allQueued: false),
        ["1 pool"] = Plan(1, allQueued: false),
        ["1 pool, all queued and in standby"] = Plan(1, allQueued: true),
    };
    Console.WriteLine(JsonSerializer.Serialize(sizes, Figures.Json));
    return 0;
}
if (RealApiServer.WhyNot() is { } reason)
{
    Console.Error.WriteLine(reason);
    return 2;
}
var result = await new BurstOnRealServer(Number(0, 300), TimeProvider.System).RunAsync(CancellationToken.None);
Console.WriteLine(JsonSerializer.Serialize(result, Figures.Json));
return 0;
