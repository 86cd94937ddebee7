using System.Net;
using System.Text.Json;
using RunnerScaler.GitHub.Responses;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>A success.</summary>
/// <param name="Call">What was asked.</param>
/// <param name="Status">The status.</param>
/// <param name="Body">The body; may be empty.</param>
internal sealed record ActionsReply(ActionsCall Call, HttpStatusCode Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Takes what was asked for out of the body.</summary>
    public GitHubAnswer<T> As<T>()
        where T : class, IFromJson<T>
    {
        try
        {
            using var json = JsonDocument.Parse(Body);
            return T.Read(json.RootElement) is { } value
                ? value
                : Failure.NoAnswer($"{Call} was answered without what was asked for");
        }
        catch (JsonException)
        {
            return Failure.NoAnswer($"{Call} was answered with a body that is not the JSON that was expected");
        }
    }

    /// <summary>Without what was answered: that may be a secret.</summary>
    public override string ToString() => $"{Call}: {(int)Status}";
}
