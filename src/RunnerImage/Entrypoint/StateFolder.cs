using System.Globalization;
using System.Text.Json;
using RunnerImage.Builders;
using RunnerScaler.Protocol;

namespace RunnerImage.Entrypoint;

/// <summary>
/// The folder where the programs of the pod leave notes for each other. The job can write there too, so what is read is
/// bounded, and it decides about this pod alone.
/// </summary>
internal sealed class StateFolder(string path)
{
    /// <summary>Where it is in the image.</summary>
    public const string Default = "/run/runnerscaler";

    /// <summary>The job-started hook writes it; its being there says that a job has begun.</summary>
    public const string JobFile = "job.json";

    /// <summary>The folder in it where the shim leaves a note of each build, in a file of its own.</summary>
    public const string BuildsFolder = "builds";

    private const int LargestNote = 4096;
    private const int MostNotes = 1000;

    public string FolderPath => path;

    /// <summary>Whether a job has begun.</summary>
    public bool JobBegan => File.Exists(Path.Combine(path, JobFile));

    /// <summary>The job that has begun; null if none has, or if its note is none.</summary>
    /// <param name="now">The present, by the clock of who wrote the note.</param>
    public JobReport? Job(DateTimeOffset now) =>
        ReadNote(new FileInfo(Path.Combine(path, JobFile))) is { } note
        && TolerantJson.Text(note, "repository") is { } repository
        && TolerantJson.Long(note, "runId") is { } run
        && DateTimeOffset.TryParse(
            TolerantJson.Text(note, "startedAt"), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind,
            out var began)
            ? new JobReport(repository, run, now - began).Bounded
            : null;

    /// <summary>Makes it ready for the notes.</summary>
    /// <returns>What is wrong, in a sentence; null if nothing is.</returns>
    public string? Prepare()
    {
        try
        {
            Directory.CreateDirectory(path);
            Directory.CreateDirectory(Path.Combine(path, BuildsFolder));
            // A container that is restarted in its pod begins anew.
            File.Delete(Path.Combine(path, JobFile));
            File.Delete(Path.Combine(path, BuilderState.FileName));
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"the folder {path} cannot be written ({error.GetType().Name}); it must belong to the user of this "
                + $"container, or {PodVariables.StateFolder} must name another";
        }
    }

    /// <summary>The builds so far, the oldest first. Notes that are none are left out.</summary>
    public IReadOnlyList<Build> Builds()
    {
        try
        {
            return [.. new DirectoryInfo(Path.Combine(path, BuildsFolder))
                .EnumerateFiles("*.json")
                .Where(IsNote)
                .Take(MostNotes)
                .OrderBy(f => f.LastWriteTimeUtc)
                .ThenBy(f => f.Name, StringComparer.Ordinal)
                .Select(f => ReadNote(f) is { } note ? Build.Read(note) : null)
                .OfType<Build>()];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool IsNote(FileInfo file) =>
        file is { Exists: true, LinkTarget: null, Length: > 0 and <= LargestNote };

    private static JsonElement? ReadNote(FileInfo file)
    {
        try
        {
            return IsNote(file) ? TolerantJson.Object(File.ReadAllBytes(file.FullName), LargestNote) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
