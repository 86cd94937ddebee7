using System.Globalization;
using System.Security.Cryptography;

namespace RunnerImage.Tests.Images;

/// <summary>What the way through the store costs beside <c>--push</c>; measured when it is asked for.</summary>
[Collection<BuildKitGroup>]
public sealed class StoreCostTests(BuildKitFixture buildKit)
{
    /// <summary>The variable that asks for it: how many MiB the image's one large layer has.</summary>
    private const string Variable = "RUNNERIMAGE_MEASURE_MIB";

    private const int Rounds = 3;

    [Fact]
    public async Task BuildAndPushThroughTheStoreBesidePush()
    {
        Assert.SkipUnless(
            int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var mebi),
            $"measures only when {Variable} says how large the image is to be");
        using var pod = await buildKit.OpenAsync("docker-registry");
        using var registry = await Registry.StartAsync();
        var name = $"{registry.Host}/app";
        pod.Write("Dockerfile", "FROM scratch\nCOPY large small /\n");
        pod.Write(".dockerignore", "*\n!large\n!small\n");
        await RandomFileAsync(pod.Image.In("large"), mebi);
        for (var round = 0; round < Rounds; round++)
        {
            pod.Write("small", $"{round}\n");
            // Another image each time, so that no cache has its layer; each way goes first in turn.
            Func<Task<TimeSpan>>[] ways =
            [
                () => TimeAsync(pod, ["build", "--no-cache", "--push", "-t", $"{name}:a{round}", "."]),
                () => TimeAsync(pod, ["build", "--no-cache", "-t", $"{name}:b{round}", "."],
                    ["push", $"{name}:b{round}"]),
            ];
            var first = await ways[round % 2]();
            await RandomFileAsync(pod.Image.In("large"), mebi);
            var second = await ways[1 - (round % 2)]();
            await RandomFileAsync(pod.Image.In("large"), mebi);
            var (push, store) = round % 2 == 0 ? (first, second) : (second, first);
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"--push {push.TotalSeconds:0.00} s; through the store {store.TotalSeconds:0.00} s"));
        }

        var kept = pod.Store.Images().Select(i => i.Name!.Tag).Order(StringComparer.Ordinal);
        Assert.Equal(Enumerable.Range(0, Rounds).Select(r => $"b{r}"), kept);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"the store has {pod.Store.Size():N0} bytes of {Rounds} images"));
        Assert.InRange(pod.Store.Size(), (long)Rounds * mebi << 20, (long)Rounds * (mebi + 1) << 20);
    }

    private static async Task<TimeSpan> TimeAsync(BuildingPod pod, params string[][] commands)
    {
        var began = TimeProvider.System.GetTimestamp();
        foreach (var command in commands)
            await pod.DoAsync(command);
        return TimeProvider.System.GetElapsedTime(began);
    }

    private static async Task RandomFileAsync(string path, int mebi)
    {
        await using var file = File.Create(path);
        for (var i = 0; i < mebi; i++)
            await file.WriteAsync(RandomNumberGenerator.GetBytes(1 << 20));
    }
}
