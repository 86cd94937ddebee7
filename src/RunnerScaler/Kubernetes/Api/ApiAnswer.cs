using System.Text.Json;

namespace RunnerScaler.Kubernetes.Api;

/// <summary>What the API server answered, or that it did not.</summary>
/// <param name="Code">The HTTP status; 0 if there was no answer.</param>
/// <param name="Body">The whole body.</param>
/// <param name="RetryAfter">When the server asks to be asked again.</param>
/// <param name="Failure">Why there was no answer; null if there was one.</param>
internal sealed record ApiAnswer(int Code, ReadOnlyMemory<byte> Body, TimeSpan? RetryAfter, string? Failure)
{
    private const int LongestMessage = 600;

    public bool Ok => Code is >= 200 and < 300;

    /// <summary>No clear answer: the request may or may not have had its effect, and may be sent again.</summary>
    public bool Unclear => Code is 0 or 401 or 408 or 429 or >= 500;

    public static ApiAnswer None(string failure) => new(0, default, null, failure);

    /// <summary>The <see href="https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/">Status</see>'
    /// reason, such as <c>AlreadyExists</c>; empty if it has none.</summary>
    public string Reason => Ok ? "" : Read("reason");

    /// <summary>What went wrong, as the server says it. Shortened, but else unchanged.</summary>
    public string Why
    {
        get
        {
            if (Failure is not null)
                return Failure;
            var message = Read("message");
            if (message.Length == 0)
                message = $"HTTP {Code}";
            return message.Length <= LongestMessage ? message : message[..LongestMessage] + "…";
        }
    }

    public JsonDocument Json() => JsonDocument.Parse(Body);

    private string Read(string property)
    {
        if (Body.IsEmpty)
            return "";
        try
        {
            using var status = Json();
            return status.RootElement.Text(property) ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
