using System.Globalization;
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

    /// <summary>403 that is no limit, 402 or 451.</summary>
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
/// <param name="Detail">What was said, in short: one line, bounded. Without secrets.</param>
/// <param name="Fault">Set for <see cref="FailureKind.Fault"/>.</param>
/// <param name="Unexpected">Nothing that a request may throw: a defect of ours, to be logged with its trace.</param>
internal sealed record Failure(FailureKind Kind, string Detail, Fault? Fault = null, bool Unexpected = false)
{
    private const int LongestDetail = 200;

    /// <summary>The HTTP status; null if there was no answer.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>The permissions that GitHub says would have sufficed; null if it did not.</summary>
    public string? Needed { get; init; }

    /// <summary>What a person has to do, as far as GitHub's words tell the cause; null if they do not.</summary>
    public Remedy? Remedy { get; init; }

    /// <summary>What GitHub's clock showed; null if it did not say.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>
    /// Whether what was thrown is a failure, and not the end of a caller who gave up. One that comes after the caller
    /// has given up is still a failure: a token is made for all who wait, whoever of them leaves.
    /// </summary>
    public static bool IsOne(Exception thrown, CancellationToken cancel) =>
        thrown is not OperationCanceledException || !cancel.IsCancellationRequested;

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
            HttpStatusCode.Forbidden or HttpStatusCode.PaymentRequired or HttpStatusCode.UnavailableForLegalReasons =>
                FailureKind.Forbidden,
            HttpStatusCode.NotFound or HttpStatusCode.Gone => FailureKind.NotFound,
            HttpStatusCode.Conflict => FailureKind.Conflict,
            HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest => FailureKind.Invalid,
            _ => FailureKind.Unreachable,
        };
        var said = refused.ApiError?.Message is { Length: > 0 } message ? message : refused.Message;
        return new(kind, $"{(int)refused.StatusCode}: {Short(said)}")
        {
            Status = refused.StatusCode,
            Needed = HeaderOf(refused, "x-accepted-github-permissions") is { } needed ? Short(needed) : null,
            Remedy = kind is FailureKind.Unreachable
                ? null
                : Remedy.For(refused.StatusCode, said, HeaderOf(refused, "x-github-sso") is not null),
            Date = DateTimeOffset.TryParse(
                HeaderOf(refused, "date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
                ? date
                : null,
        };
    }

    private static string? HeaderOf(ApiException refused, string name) =>
        refused.HttpResponse?.Headers is { } headers
            ? headers.FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value
            : null;

    private static string Short(string text) => PlainText.Line(text, LongestDetail);
}
