using System.Text.Json;
using System.Text.Json.Serialization;
using RunnerImage.Entrypoint;

namespace RunnerImage.Hooks;

/// <summary>The job of this pod, for the entrypoint: that the file is there says that a job has begun.</summary>
/// <param name="Repository">The repository, as <c>owner/name</c>.</param>
/// <param name="RunId">The workflow run; 0 if it is not known.</param>
/// <param name="Fork">Whether it runs for a fork of the repository.</param>
/// <param name="StartedAt">When it began.</param>
internal sealed record JobFile(string Repository, long RunId, bool Fork, DateTimeOffset StartedAt)
{
    public const string FileName = StateFolder.JobFile;

    /// <summary>Leaves it in a state folder; a reader never sees half of it.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        File.WriteAllBytes(path + ".new", JsonSerializer.SerializeToUtf8Bytes(this, JobFileJson.Default.JobFile));
        File.Move(path + ".new", path, overwrite: true);
    }
}

/// <summary>JSON of the job, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobFile))]
internal sealed partial class JobFileJson : JsonSerializerContext;
