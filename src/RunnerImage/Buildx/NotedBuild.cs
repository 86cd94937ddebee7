using System.Text.Json;
using RunnerImage.Builders;
using RunnerImage.Entrypoint;
using RunnerImage.Posix;
using RunnerScaler.Protocol;

namespace RunnerImage.Buildx;

/// <summary>
/// Runs a build as it would have run, and leaves a note of it. Whatever goes wrong with the note, the build stays as it
/// is.
/// </summary>
internal sealed class NotedBuild(JobPod pod, TextWriter error, TimeProvider time)
{
    private const string MetadataFlag = "metadata-file";

    /// <summary>How long the build's end may be held up for the sake of the note.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <param name="real">The real buildx.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="address">The address of the BuildKit that it uses; null if that is not ours.</param>
    /// <param name="finish">What is left to do when it has ended: told whether it succeeded, it says whether it still
    /// has.</param>
    /// <returns>Its exit code; if a signal ended it, the same ends this process.</returns>
    public async Task<int> RunAsync(
        string real, IReadOnlyList<string> arguments, string? address, Func<bool, bool> finish)
    {
        var line = BuildxLine.Parse(arguments);
        var given = MetadataFile(line);
        var metadata = given ?? Path.Combine(pod.StateFolder, $"metadata-{Environment.ProcessId}.json");
        var child = new Child();
        var (began, beganAt) = (time.GetTimestamp(), time.GetUtcNow());
        var end = child.Run(Environment.ProcessPath!, ChildLauncher.Arguments(
            given is null ? ["BUILDX_METADATA_PROVENANCE=disabled"] : [],
            real,
            given is null ? Noting(line, metadata) : arguments));
        var took = time.GetElapsedTime(began);
        if (end is not var (code, signal))
            return Programs.Become(real, arguments, error);
        if (!finish((code, signal) == (0, 0)))
            code = Math.Max(code, 1);
        var command = IsBake(line) ? BuildCommand.Bake : BuildCommand.Build;
        var note = new Build(command, Result(code, signal, child.WasSignalled), took, null, null);
        TryNote(real, line, metadata, note with { BeganAt = beganAt });
        if (given is null)
            Forget(metadata);
        if (code != 0 && !child.WasSignalled)
            await ExplainAsync(address);
        return signal == 0 ? code : Native.DieOf(signal);
    }

    /// <summary>Buildx ends with 130 when it was asked to stop; other programs die of the signal.</summary>
    public static BuildResult Result(int code, int signal, bool wasSignalled) => (code, signal) switch
    {
        (0, 0) => BuildResult.Success,
        (130, _) or (_, not 0) => BuildResult.Canceled,
        _ => wasSignalled ? BuildResult.Canceled : BuildResult.Failure,
    };

    /// <summary>The file that the user asked for.</summary>
    public static string? MetadataFile(BuildxLine line) =>
        TableOf(line).Read(line.Arguments, line.CommandAt + 1).FindLast(t => t.Is(MetadataFlag)).Value;

    /// <summary>The same call, with a file for us.</summary>
    public static IReadOnlyList<string> Noting(BuildxLine line, string metadata) =>
        [.. line.Arguments.Take(line.CommandAt + 1), $"--{MetadataFlag}={metadata}",
            .. line.Arguments.Skip(line.CommandAt + 1)];

    private async Task ExplainAsync(string? address)
    {
        if (address is not null && await new DaemonCheck(pod, time).IsGoneAsync(address))
            new JobLog(pod, error).Say(Message.Error("ended",
                "BuildKit ended during the build, most often for its memory limit: kubectl describe pod then shows "
                + "OOMKilled for the container buildkitd. Raise spec.builder.resources.limits.memory of the "
                + "RunnerPool, or let the build do less at once."));
    }

    private static FlagTable TableOf(BuildxLine line) => IsBake(line) ? BuildxFlags.Bake : BuildxFlags.Build;

    private static bool IsBake(BuildxLine line) => line.Command is "bake" or "f";

    private void TryNote(string real, BuildxLine line, string metadata, Build note)
    {
        try
        {
            var steps = note.Result == BuildResult.Success ? Steps(real, line, metadata) : null;
            Leave(note with { Steps = steps?.Total, CachedSteps = steps?.Cached });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException
            or ArgumentException)
        {
            Complain(e);
        }
    }

    private BuildSteps? Steps(string real, BuildxLine line, string metadata)
    {
        if (metadata.Length == 0)
            return null;
        var scratch = Path.Combine(pod.StateFolder, $"record-{Environment.ProcessId}");
        using var patience = new CancellationTokenSource(Patience, time);
        try
        {
            var steps = new BuildSteps(0, 0);
            var references = Metadata.References(File.ReadAllBytes(metadata));
            foreach (var reference in references)
            {
                if (BuildSteps.Ask(real, line.Arguments.Take(line.CommandAt), reference, scratch, patience.Token)
                    is not { } part)
                    return null;
                steps = new(steps.Total + part.Total, steps.Cached + part.Cached);
            }

            return references.Count > 0 ? steps : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            Complain(e);
            return null;
        }
        finally
        {
            Forget(scratch);
        }
    }

    private void Leave(Build note)
    {
        var folder = Directory.CreateDirectory(Path.Combine(pod.StateFolder, StateFolder.BuildsFolder)).FullName;
        // In order of time, so that the oldest comes first; the number tells apart what ends at the same moment.
        var name = $"{time.GetUtcNow():yyyyMMdd'T'HHmmss.fffffff}-{Environment.ProcessId}.json";
        var path = Path.Combine(folder, name);
        var hidden = path + ".new";
        using (var file = File.Create(hidden))
        using (var json = new Utf8JsonWriter(file))
            note.Write(json);
        File.Move(hidden, path);
    }

    private void Forget(string metadata)
    {
        try
        {
            File.Delete(metadata);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain(e);
        }
    }

    private void Complain(Exception e)
    {
        if (pod.Value("RUNNER_DEBUG") == "1")
            error.WriteLine($"::debug::This build could not be noted in full: {e.GetType().Name}: {e.Message}");
    }
}
