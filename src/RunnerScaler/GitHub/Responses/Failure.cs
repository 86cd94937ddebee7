using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using RunnerScaler.Protocol;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Responses;

/// <summary>What kind of answer a failed request got.</summary>
internal enum FailureKind
{
    /// <summary>Known, and said in the problem.</summary>
    Problem,

    /// <summary>Not sent: nobody wanted it any more when its turn came.</summary>
    Withdrawn,

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

/// <summary>Why a request came to nothing.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Detail">What was said, in short: one line, bounded. Without secrets.</param>
/// <param name="Problem">Set for <see cref="FailureKind.Problem"/>.</param>
internal sealed record Failure(FailureKind Kind, string Detail, Problem? Problem = null)
{
    /// <summary>Nobody wanted it any more when its turn came.</summary>
    public static readonly Failure Withdrawn = new(FailureKind.Withdrawn, "it is not wanted any more");

    private const int LongestDetail = 200;

    /// <summary>The HTTP status with which GitHub refused; null if it was not GitHub that did.</summary>
    public HttpStatusCode? Status { get; private init; }

    /// <summary>GitHub's own sentence; empty if there is none.</summary>
    public string Said { get; private init; } = "";

    /// <summary>
    /// The kind of error by which the Actions service calls it, as in <c>JobStillRunningException</c>; empty if there
    /// is none.
    /// </summary>
    public string Type { get; private init; } = "";

    /// <summary>The permissions that GitHub says would have sufficed; null if it did not.</summary>
    public string? Needed { get; private init; }

    /// <summary>What an operator has to do, as far as GitHub's words tell the cause; null if they do not.</summary>
    public Remedy? Remedy { get; private init; }

    /// <summary>What GitHub's clock showed; null if it did not say.</summary>
    public DateTimeOffset? Date { get; private init; }

    /// <summary>GitHub says that there is no such thing, and nothing that a person could do about it.</summary>
    public bool IsMissing => this is { Kind: FailureKind.NotFound, Remedy: null };

    /// <summary>It was not sent, or will not succeed, for a reason that is known.</summary>
    public static Failure Of(Problem problem) => new(FailureKind.Problem, problem.Message, problem);

    /// <summary>No answer came, or one that cannot be GitHub's, or that lacks what it must have.</summary>
    public static Failure NoAnswer(string why) => new(FailureKind.Unreachable, Short(why));

    /// <summary>Reads a refusal.</summary>
    /// <param name="response">An answer that is no success.</param>
    /// <param name="body">Its body.</param>
    public static Failure Of(HttpResponseMessage response, ReadOnlyMemory<byte> body)
    {
        var status = response.StatusCode;
        var kind = KindOf(status);
        var (said, type) = SentenceOf(body);
        return new(kind, $"{(int)status}: {Short(said.Length > 0 ? said : $"{status}")}")
        {
            Status = status,
            Said = Short(said),
            Type = Short(type),
            Needed = HeaderOf(response, "x-accepted-github-permissions") is { } needed ? Short(needed) : null,
            Remedy = kind is FailureKind.Unreachable
                ? null
                : Remedy.For(status, said, HeaderOf(response, "x-github-sso") is not null),
            Date = DateTimeOffset.TryParse(
                HeaderOf(response, "date"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
                ? date
                : null,
        };
    }

    private static FailureKind KindOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => FailureKind.Unauthorized,
        HttpStatusCode.Forbidden or HttpStatusCode.PaymentRequired or HttpStatusCode.UnavailableForLegalReasons =>
            FailureKind.Forbidden,
        HttpStatusCode.NotFound or HttpStatusCode.Gone => FailureKind.NotFound,
        HttpStatusCode.Conflict => FailureKind.Conflict,
        HttpStatusCode.UnprocessableEntity or HttpStatusCode.BadRequest => FailureKind.Invalid,
        _ => FailureKind.Unreachable,
    };

    /// <summary>The body's <c>message</c> and <c>typeName</c>; all of a body that is no JSON.</summary>
    private static (string Said, string Type) SentenceOf(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return (json.RootElement.Text("message") ?? "", json.RootElement.Text("typeName") ?? "");
        }
        catch (JsonException)
        {
            return (Encoding.UTF8.GetString(body.Span), "");
        }
    }

    private static string? HeaderOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private static string Short(string text) => PlainText.Line(text, LongestDetail);
}
