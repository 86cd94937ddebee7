using System.Net;
using System.Text.Json;
using Octokit;
using RunnerScaler.Scaling;

namespace RunnerScaler.GitHub;

/// <summary>What kind of answer a failed request got.</summary>
internal enum FailureKind
{
    /// <summary>Known, and said in the fault.</summary>
    Fault,

    /// <summary>401.</summary>
    Unauthorized,

    /// <summary>403 that is no limit.</summary>
    Forbidden,

    /// <summary>404 or 410.</summary>
    NotFound,

    /// <summary>409.</summary>
    Conflict,

    /// <summary>422 or 400.</summary>
    Invalid,

    /// <summary>No answer, or none that makes sense.</summary>
    Unreachable,
}

/// <summary>A failed request, read from what was thrown.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Detail">What was said, in short. Without secrets.</param>
/// <param name="Fault">Set for <see cref="FailureKind.Fault"/>.</param>
/// <param name="Needed">The permissions that GitHub says would have sufficed; null if it did not.</param>
/// <param name="Unexpected">Nothing that a request may throw: a defect of ours, to be logged with its trace.</param>
internal sealed record Failure(
    FailureKind Kind, string Detail, Fault? Fault = null, string? Needed = null, bool Unexpected = false)
{
    private const int LongestDetail = 200;

    public static Failure Of(Exception thrown) => thrown switch
    {
        FaultException known => new(FailureKind.Fault, known.Message, known.Fault),
        ApiException refused => Of(refused),
        HttpRequestException or TimeoutException or OperationCanceledException or IOException =>
            new(FailureKind.Unreachable, Short(thrown.Message)),
        JsonException => new(FailureKind.Unreachable, "the body is not the JSON that was expected"),
        _ => new(FailureKind.Unreachable, thrown.GetType().Name, Unexpected: true),
    };

    private static Failure Of(ApiException refused)
    {
        var kind = refused.StatusCode switch
        {
            HttpStatusCode.Unauthorized => FailureKind.Unauthorized,
            HttpStatusCode.Forbidden => FailureKind.Forbidden,
            HttpStatusCode.NotFound or HttpStatusCode.Gone => FailureKind.NotFound,
            HttpStatusCode.Conflict => FailureKind.Conflict,
            HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest => FailureKind.Invalid,
            _ => FailureKind.Unreachable,
        };
        var said = refused.ApiError?.Message is { Length: > 0 } message ? message : refused.Message;
        return new(kind, $"{(int)refused.StatusCode}: {Short(said)}", Needed: NeededBy(refused));
    }

    private static string? NeededBy(ApiException refused) =>
        refused.HttpResponse?.Headers is { } headers
            ? headers.FirstOrDefault(h => h.Key.Equals(
                "x-accepted-github-permissions", StringComparison.OrdinalIgnoreCase)).Value
            : null;

    private static string Short(string text) =>
        text.Length <= LongestDetail ? text : string.Concat(text.AsSpan(0, LongestDetail), "…");
}
