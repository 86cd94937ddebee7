using System.Globalization;
using RunnerImage.Entrypoint;
using RunnerScaler.Protocol;

namespace RunnerImage.Hooks;

/// <summary>
/// Runs after the last step of a job: sums up its builds in the log, and notes that it ended. It never fails a job.
/// </summary>
internal sealed class JobCompleted(JobPod pod, TextWriter output, TimeProvider time)
{
    public const string Name = "job-completed";

    /// <summary>The file that says that the job ended.</summary>
    public const string Marker = "job-completed";

    /// <returns>The exit code.</returns>
    public int Run()
    {
        foreach (var line in Summary(new StateFolder(pod.StateFolder).Builds()))
            output.WriteLine(line);
        try
        {
            File.WriteAllText(Path.Combine(pod.StateFolder, Marker),
                time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            output.WriteLine(
                $"The folder {pod.StateFolder} of the runner cannot be written ({e.GetType().Name}): the job's end is "
                + "not noted.");
        }

        return 0;
    }

    /// <summary>A line for all builds, and one for each.</summary>
    public static IEnumerable<string> Summary(IReadOnlyList<Build> builds)
    {
        if (builds.Count == 0)
            yield break;
        yield return builds.Count == 1 ? "This job ran one build:" : $"This job ran {builds.Count} builds:";
        foreach (var build in builds)
        {
            var steps = build is { Steps: { } all, CachedSteps: { } cached }
                ? $", {cached} of {all} steps from the cache"
                : "";
            var (command, result) = (Word.Lower(build.Command), Word.Lower(build.Result));
            yield return string.Create(CultureInfo.InvariantCulture,
                $"  {command}: {result} after {build.Time.TotalSeconds:0.0} s{steps}");
        }
    }
}
