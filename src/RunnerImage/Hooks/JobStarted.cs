using System.Globalization;
using System.Text.Json;
using RunnerImage.Builders;
using RunnerImage.Buildx;
using RunnerScaler.Protocol;

namespace RunnerImage.Hooks;

/// <summary>
/// Runs before the first step of a job: notes that it began, and says in its log how the builder is. It fails the job
/// in one case only, a fork's pull request that would reach a daemon which others share.
/// </summary>
internal sealed class JobStarted(JobPod pod, TextWriter output, TimeProvider time)
{
    public const string Name = "job-started";

    private const long LargestEvent = 64 << 20;

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        var eventName = pod.Value("GITHUB_EVENT_NAME") ?? "";
        var isFork = IsFork(eventName);
        NoteJob(isFork);
        if (pod.Mode == BuilderMode.None)
            return 0;
        if (pod.Mode == BuilderMode.Shared)
        {
            if (isFork && ForkRule.IsPullRequest(eventName)
                && pod.Value(PodVariables.BuilderForks) != PodVariables.ForksAllowed)
            {
                Say(Message.Error("fork",
                    "This job runs for a pull request of a fork, and the builders of this pool are shared with other "
                    + "jobs, which its code could disturb or poison. Run it on a pool with spec.builder.mode: "
                    + "Sidecar, or set spec.builder.shared.forks: Allow if whoever may open a pull request is "
                    + "trusted."));
                return 1;
            }

            WriteEntry();
        }

        await ReportBuilderAsync();
        return 0;
    }

    private bool IsFork(string eventName)
    {
        try
        {
            if (pod.Value("GITHUB_EVENT_PATH") is not { } path || new FileInfo(path).Length > LargestEvent)
                return ForkRule.IsFork(eventName, null);
            using var payload = JsonDocument.Parse(File.ReadAllBytes(path));
            return ForkRule.IsFork(eventName, payload.RootElement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException
            or InvalidOperationException)
        {
            return ForkRule.IsFork(eventName, null);
        }
    }

    private void NoteJob(bool isFork)
    {
        _ = long.TryParse(pod.Value("GITHUB_RUN_ID"), NumberStyles.None, CultureInfo.InvariantCulture, out var run);
        try
        {
            new JobFile(pod.Value("GITHUB_REPOSITORY") ?? "", run, isFork, time.GetUtcNow()).Write(pod.StateFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(Message.Warning("state",
                $"The folder {pod.StateFolder} of the runner cannot be written ({e.GetType().Name}): this job is not "
                + "counted."));
        }
    }

    private void WriteEntry()
    {
        try
        {
            var address = pod.BuilderAddress;
            BuilderEntry.Write(pod.BuildxFolder, address, TlsFiles.Options(pod.TlsFolder, address));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(Message.Warning("entry",
                $"The builder could not be entered into {pod.BuildxFolder} ({e.GetType().Name}): builds will not find "
                + "it."));
        }
    }

    private async Task ReportBuilderAsync()
    {
        var address = pod.BuilderAddress;
        if (await new DaemonCheck(pod, time).FindProblemAsync(address) is { } problem)
            Say(Message.Warning("builder",
                $"BuildKit does not answer, so builds will fail: {problem.TrimEnd('.')}."));
        else
            await output.WriteLineAsync($"BuildKit is ready at {address}.");
    }

    private void Say(Message message) => output.WriteLine(message.ToLine());
}
