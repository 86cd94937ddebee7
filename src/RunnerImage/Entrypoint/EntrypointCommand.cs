using System.Collections;
using System.Runtime.InteropServices;
using RunnerImage.Builders;
using RunnerImage.Claims;
using RunnerImage.Metrics;
using RunnerImage.Posix;
using RunnerImage.Runner;
using RunnerScaler.Protocol;

namespace RunnerImage.Entrypoint;

/// <summary><c>runnerscaler-entrypoint</c>: the container's command, child of an init that reaps.</summary>
internal static class EntrypointCommand
{
    public const string Name = "runnerscaler-entrypoint";

    private const string HomeOption = "--home";
    private const string MessageOption = "--message";
    private const int Misused = 64;

    /// <param name="arguments">
    /// Nothing in a pod; <c>--home FOLDER</c> and <c>--message FILE</c> name other places for the runner and for the
    /// termination message.
    /// </param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var time = TimeProvider.System;
        var start = time.GetTimestamp();
        var log = new PodLog(Console.OpenStandardOutput());
        var (home, message) = ("/home/runner", "/dev/termination-log");
        for (var i = 0; i < arguments.Length; i += 2)
            switch (arguments[i])
            {
                case HomeOption when i + 1 < arguments.Length:
                    home = arguments[i + 1];
                    break;
                case MessageOption when i + 1 < arguments.Length:
                    message = arguments[i + 1];
                    break;
                default:
                    log.Say($"{arguments[i]} is no option; there are {HomeOption} FOLDER and {MessageOption} FILE");
                    return Misused;
            }

        if (!Native.HideMemory())
            log.Say("the kernel does not let this process hide its memory from the job's processes");
        var phases = new Phases();
        var (settings, problem) = PodSettings.Read(Environment.GetEnvironmentVariable);
        var state = new StateFolder(settings?.StateFolder ?? StateFolder.Default);
        var end = settings is null
            ? new PodEnd(ExitReport.Misconfigured, problem)
            : await LiveAsync(settings, state, home, phases, start, log, time);
        Finish(end, message, phases, settings is null ? null : state, log, time);
        return end.Report.Code;
    }

    private static async Task<PodEnd> LiveAsync(PodSettings settings, StateFolder state, string home, Phases phases,
        long start, PodLog log, TimeProvider time)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Signals.Catch(PosixSignal.SIGTERM, _ => stop.TrySetResult());
        Signals.Catch(PosixSignal.SIGINT, _ => stop.TrySetResult());
        var listener = new Listener(home, ListenerEnvironment.For(OwnEnvironment(), settings.Builder));
        using var hidden = SystemCertificates.Hide();
        var (exchange, problem) = ClaimExchange.Open(settings.ClaimUrl, settings.ClaimCa);
        if (exchange is null || (problem = Prepare(settings, state, log)) is not null)
            return new PodEnd(ExitReport.Misconfigured, problem);
        using var metrics = MetricsServer.Start(settings.MetricsPort, () => MetricsPage.Render(
            settings.Builder == BuilderMode.Sidecar, phases, state.Builds()), log.Say, time);
        var claims = new ClaimClient(exchange, settings.TokenFile, log.Say, Random.Shared, time);
        return await new PodLife(settings, state, claims, listener, phases, start, log.Say, time).RunAsync(stop.Task);
    }

    /// <returns>What is wrong, in a sentence; null if nothing is.</returns>
    private static string? Prepare(PodSettings settings, StateFolder state, PodLog log)
    {
        if (state.Prepare() is { } unwritable)
            return unwritable;
        var buildx = DockerFolders.Buildx(Environment.GetEnvironmentVariable);
        try
        {
            if (settings.Builder == BuilderMode.Sidecar && BuilderEntry.Write(buildx, settings.BuilderAddress))
                log.Say($"builds go to {settings.BuilderAddress}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"the builder cannot be made known to buildx ({error.GetType().Name}): its folder "
                + $"{buildx} must belong to the user of this container";
        }

        return settings.RegistryAuth is { } file
            ? RegistryAuth.Merge(file, DockerFolders.Docker(Environment.GetEnvironmentVariable))
            : null;
    }

    private static IEnumerable<KeyValuePair<string, string>> OwnEnvironment() =>
        from DictionaryEntry variable in Environment.GetEnvironmentVariables()
        select new KeyValuePair<string, string>((string)variable.Key, (string?)variable.Value ?? "");

    private static TerminationMessage LastWords(PodEnd end, Phases phases, StateFolder? state, DateTimeOffset now) =>
        new()
        {
            RanJob = end.Report.RanJob,
            ExitCode = end.Report.Code,
            Outcome = end.Report.Outcome,
            Job = end.Report.RanJob ? state?.Job(now) : null,
            Problem = end.Problem,
            Start = phases.Times,
            Builds = [.. state?.Builds() ?? []],
        };

    private static void Finish(
        PodEnd end, string path, Phases phases, StateFolder? state, PodLog log, TimeProvider time)
    {
        if (end.Problem is { } problem)
            log.Say(problem);
        log.Say($"ended: {end.Report.Outcome}, code {end.Report.Code}");
        try
        {
            File.WriteAllBytes(path, LastWords(end, phases, state, time.GetUtcNow()).Write());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            log.Say($"the termination message could not be written to {path} ({error.GetType().Name})");
        }
    }
}
