using System.Text.Json;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Kubernetes.Api;

/// <summary>What the API server answered, or that it did not.</summary>
/// <param name="Code">The HTTP status; 0 if there was no answer.</param>
/// <param name="Root">The body; always there in a success, null if the body of a failure is no JSON.</param>
/// <param name="RetryAfter">When the server asks to be asked again.</param>
/// <param name="Failure">Why there was no answer; null if there was one.</param>
internal sealed record ApiAnswer(int Code, JsonElement? Root, TimeSpan? RetryAfter, string? Failure)
{
    private const int LongestMessage = 600;

    /// <summary>What the server refused; null if it did it, or if this is an ordinary answer to a question.</summary>
    public Refusal? Refusal { get; init; }

    public bool Ok => Code is >= 200 and < 300;

    /// <summary>No clear answer: the request may or may not have had its effect, and may be sent again.</summary>
    public bool Unclear => Code is 0 or 401 or 408 or 429 or >= 500;

    public JsonElement? Metadata => Root.Member("metadata");

    /// <summary>
    /// The <see href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/">Status</see>'
    /// reason, such as <c>AlreadyExists</c>; empty if it has none.</summary>
    public string Reason => Ok ? "" : Root.Text("reason") ?? "";

    /// <summary>What went wrong, as the server says it. On one line, shortened.</summary>
    public string Why
    {
        get
        {
            var message = Failure ?? Root.Text("message") ?? "";
            if (message.Length == 0)
                message = $"HTTP {Code}";
            return message.Shown(LongestMessage);
        }
    }

    public static ApiAnswer None(string failure) => new(0, null, null, failure);

    /// <summary>
    /// Reads a whole answer. A success that is no JSON comes from something between us and the server: it is none.
    /// </summary>
    public static ApiAnswer Read(int code, ReadOnlyMemory<byte> body, TimeSpan? retryAfter)
    {
        try
        {
            // Never disposed, so that what is read from it stays valid; nothing but memory is held.
            return new ApiAnswer(code, JsonText.Parse(body).RootElement, retryAfter, null);
        }
        catch (JsonException)
        {
            return code is >= 200 and < 300
                ? None($"the answer (HTTP {code}) is not the API server's: it is no JSON")
                : new ApiAnswer(code, null, retryAfter, null);
        }
    }
}
