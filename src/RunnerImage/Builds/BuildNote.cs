using System.Text.Json.Serialization;

namespace RunnerImage.Builds;

/// <summary>
/// What the shim notes of one build, in a file of its own in the state folder's <see cref="Folder"/>.
/// </summary>
/// <param name="Command"><c>build</c> or <c>bake</c>.</param>
/// <param name="Result"><c>success</c>, <c>failure</c> or <c>canceled</c>.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Steps">Steps of the build; null if that is not known.</param>
/// <param name="CachedSteps">How many of them came from the cache; null if that is not known.</param>
internal sealed record BuildNote(string Command, string Result, double Seconds, int? Steps, int? CachedSteps)
{
    /// <summary>The folder of the notes, inside the state folder.</summary>
    public const string Folder = "builds";

    public const string Build = "build";
    public const string Bake = "bake";

    public const string Success = "success";
    public const string Failure = "failure";
    public const string Canceled = "canceled";
}

/// <summary>JSON of a note, without reflection: property names in camel case, nulls written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(BuildNote))]
internal sealed partial class BuildNoteJson : JsonSerializerContext;
