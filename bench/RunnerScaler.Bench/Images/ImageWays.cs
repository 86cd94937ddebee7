using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using RunnerScaler.Protocol;
using RunnerScaler.RealCluster;

namespace RunnerScaler.Bench.Images;

/// <summary>
/// An image with one layer that nothing can pack is built and put into a registry: by <c>--push</c>, through the pod's
/// store, and by a Docker daemon. Each way goes first in turn, and no cache has the layer.
/// </summary>
/// <param name="mebibytes">How large the layer is.</param>
/// <param name="time">The clock.</param>
internal sealed class ImageWays(int mebibytes, TimeProvider time)
{
    /// <summary>The program in the pod, as <c>dotnet publish</c> leaves it.</summary>
    private static readonly string Program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../publish/RunnerImage", $"release_{RuntimeInformation.RuntimeIdentifier}",
        "runnerscaler-pod"));

    private readonly string folder = Directory.CreateTempSubdirectory("runnerscaler-bench-").FullName;

    /// <summary>Why it cannot be measured here; null when it can.</summary>
    private static string? WhyNot() => ImagePrograms.WhyNot() ?? (File.Exists(Program)
        ? null
        : $"there is no {Program}: dotnet publish src/RunnerImage -c Release -r "
            + RuntimeInformation.RuntimeIdentifier);

    /// <summary>Measures and prints, or says why that cannot be.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(int rounds, CancellationToken cancel)
    {
        if (WhyNot() is { } reason)
        {
            Console.Error.WriteLine(reason);
            return 2;
        }

        string packages;
        try
        {
            packages = await DockerPackages.FindOrMakeAsync();
        }
        catch (InvalidOperationException e)
        {
            Console.Error.WriteLine($"Debian's packages of Docker cannot be had: {e.Message}");
            return 2;
        }

        Console.WriteLine(JsonSerializer.Serialize(await CompareAsync(packages, rounds, cancel), Figures.Json));
        return 0;
    }

    /// <summary>Measures all ways by turns, and takes each one's medians.</summary>
    /// <param name="packages">Where Debian's packages of Docker are unpacked.</param>
    /// <param name="rounds">How often.</param>
    private async Task<IReadOnlyDictionary<string, ImageFigures>> CompareAsync(
        string packages, int rounds, CancellationToken cancel)
    {
        try
        {
            await using var programs = await ImagePrograms.StartAsync(folder, packages, time, cancel);
            await using var relay = new Relay(new(IPAddress.Loopback, 0), new Uri($"tcp://{programs.Registry}"));
            LayOut();
            var ways = Ways(programs, $"{relay.Address}");
            var seen = ways.ToDictionary(w => w.Name, _ => new List<ImageFigures>());
            // The first round is not counted: it finds all programs cold.
            for (var round = 0; round <= rounds; round++)
                foreach (var way in ways.Skip(round % ways.Count).Concat(ways.Take(round % ways.Count)))
                {
                    var figures = await MeasureAsync(way, round, relay, cancel);
                    Console.Error.WriteLine($"round {round}, {way.Name}: {figures}");
                    if (round > 0)
                        seen[way.Name].Add(figures);
                }

            return seen.ToDictionary(s => s.Key, s => ImageFigures.MedianOf(s.Value));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private List<Way> Ways(ImagePrograms programs, string registry)
    {
        Dictionary<string, string> pod = new()
        {
            ["HOME"] = In("home"),
            ["PATH"] = $"{In("path")}:/usr/bin:/bin",
            ["RUNNER_TEMP"] = In("work/_temp"),
            ["BUILDX_BUILDER"] = "runnerscaler",
            [PodVariables.StateFolder] = In("state"),
            [PodVariables.BuilderMode] = nameof(BuilderMode.Sidecar),
            [PodVariables.BuilderAddresses] = programs.BuildKit,
        };
        Dictionary<string, string> daemon = new()
        {
            ["HOME"] = In("other-home"),
            ["PATH"] = "/usr/bin:/bin",
            ["DOCKER_HOST"] = programs.Docker,
        };
        string[] shim = [In("bin/runnerscaler-pod"), "docker"];
        string[] docker = [ModernAssets.PathOf("docker")];
        return
        [
            new("--push", $"{registry}/a", pod, n => [[.. shim, .. Build, "--push", "-t", n, "."]]),
            new("store", $"{registry}/b", pod, n => [[.. shim, .. Build, "-t", n, "."], [.. shim, "push", n]]),
            new("daemon", $"{registry}/c", daemon, n => [[.. docker, .. Build, "-t", n, "."], [.. docker, "push", n]]),
        ];
    }

    private static string[] Build => ["build", "--no-cache", "--progress=plain"];

    private async Task<ImageFigures> MeasureAsync(Way way, int round, Relay relay, CancellationToken cancel)
    {
        await WriteLayerAsync(cancel);
        List<double> seconds = [];
        var before = relay.Sent;
        foreach (var command in way.Commands($"{way.Repository}:{round}"))
        {
            var began = time.GetTimestamp();
            await RunAsync(command, way.Variables, cancel);
            seconds.Add(time.GetElapsedTime(began).TotalSeconds);
        }

        return new(seconds.Sum(), seconds[0], relay.Sent - before);
    }

    private async Task RunAsync(
        string[] command, IReadOnlyDictionary<string, string> variables, CancellationToken cancel)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = In("context"),
        };
        start.Environment.Clear();
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (said, complained) = (
            process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException(
                $"{string.Join(' ', command)} ended with {process.ExitCode}:\n{await said}{await complained}");
    }

    private async Task WriteLayerAsync(CancellationToken cancel)
    {
        await using (var file = File.Create(In("context/large")))
            for (var i = 0; i < mebibytes; i++)
                await file.WriteAsync(RandomNumberGenerator.GetBytes(1 << 20), cancel);
        // What one way leaves to be written does not burden the next.
        await Command.RunAsync("sync");
    }

    /// <summary>The runner's image as far as these commands need it, and a context.</summary>
    private void LayOut()
    {
        foreach (var name in (string[])["bin", "real", "plugins", "path", "state", "work/_temp", "context"])
            Directory.CreateDirectory(In(name));
        File.Copy(Program, In("bin/runnerscaler-pod"));
        File.CreateSymbolicLink(In("bin/docker-buildx"), "runnerscaler-pod");
        File.CreateSymbolicLink(In("plugins/docker-buildx"), "../bin/docker-buildx");
        File.CreateSymbolicLink(In("real/docker-buildx"), ModernAssets.PathOf("docker-buildx"));
        File.CreateSymbolicLink(In("path/docker"), ModernAssets.PathOf("docker"));
        foreach (var (home, plugins) in new[] { ("home", "plugins"), ("other-home", "real") })
        {
            Directory.CreateDirectory(In($"{home}/.docker"));
            File.WriteAllText(
                In($"{home}/.docker/config.json"), $$"""{"cliPluginsExtraDirs":["{{In(plugins)}}"]}""");
        }

        File.WriteAllText(In("context/Dockerfile"), "FROM scratch\nCOPY large /\n");
    }

    private string In(string name) => Path.Combine(folder, name);

    /// <summary>One way to build an image and to put it into a registry.</summary>
    private sealed record Way(
        string Name, string Repository, IReadOnlyDictionary<string, string> Variables,
        Func<string, IReadOnlyList<string[]>> Commands);
}

/// <param name="Seconds">For the build and the push.</param>
/// <param name="BuildSeconds">For the build alone.</param>
/// <param name="BytesSent">What the registry was sent, the requests themselves included.</param>
internal sealed record ImageFigures(double Seconds, double BuildSeconds, long BytesSent)
{
    public static ImageFigures MedianOf(IReadOnlyCollection<ImageFigures> rounds)
    {
        T Of<T>(Func<ImageFigures, T> figure) => rounds.Select(figure).Order().ElementAt(rounds.Count / 2);

        return new(Math.Round(Of(r => r.Seconds), 2), Math.Round(Of(r => r.BuildSeconds), 2), Of(r => r.BytesSent));
    }
}
