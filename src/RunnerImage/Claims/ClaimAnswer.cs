using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunnerImage.Claims;

/// <summary>What the controller answered: <c>docs/claim-protocol.md</c>.</summary>
internal abstract record ClaimAnswer
{
    /// <summary>The identity. <see cref="JitConfig"/> is a secret.</summary>
    public sealed record Granted(string RunnerName, string JitConfig) : ClaimAnswer
    {
        /// <summary>Without the secret, so that no log can hold it.</summary>
        public override string ToString() => $"Granted {{ RunnerName = {RunnerName} }}";
    }

    /// <summary>For a claim: no job needs it yet. For giving back: it is given back.</summary>
    public sealed record Nothing : ClaimAnswer;

    /// <summary>The token is not valid.</summary>
    public sealed record Unauthorized : ClaimAnswer;

    /// <summary>No runner of the controller.</summary>
    public sealed record Refused(string Why) : ClaimAnswer;

    /// <summary>Not needed any more.</summary>
    public sealed record Retired(string Why) : ClaimAnswer;

    /// <summary>Its runner has a job.</summary>
    public sealed record HasJob : ClaimAnswer;

    /// <summary>Not now: ask again after this time.</summary>
    public sealed record Later(TimeSpan After) : ClaimAnswer;

    /// <summary>No answer, or one that means nothing.</summary>
    public sealed record Failed(string Problem) : ClaimAnswer;

    /// <summary>What words of the server are shown; more than that is nobody's reading.</summary>
    private const int MostWords = 300;

    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>Reads an answer to <c>POST</c> or <c>DELETE</c>.</summary>
    public static ClaimAnswer Of(HttpAnswer answer) => answer.Status switch
    {
        200 => Identity(answer.Body),
        204 => new Nothing(),
        401 => new Unauthorized(),
        403 => new Refused(Words(answer.Body)),
        409 => new HasJob(),
        410 => new Retired(Words(answer.Body)),
        429 or 503 => new Later(Pause(answer.RetryAfter)),
        var status => new Failed($"answered with status {status}"),
    };

    private static ClaimAnswer Identity(byte[] body)
    {
        try
        {
            if (JsonSerializer.Deserialize(body, IdentityJson.Default.Identity)
                is { RunnerName: { Length: > 0 } name, JitConfig: { Length: > 0 } config })
                return new Granted(Printable(name), config);
        }
        catch (JsonException)
        {
            // Said below, without the body: it may hold a secret.
        }

        return new Failed("answered 200 without an identity");
    }

    private static TimeSpan Pause(int? seconds)
    {
        var pause = seconds is { } given ? TimeSpan.FromSeconds(given) : LeastPause;
        return pause < LeastPause ? LeastPause : pause > LongestPause ? LongestPause : pause;
    }

    private static string Words(byte[] body)
    {
        var words = Printable(Encoding.UTF8.GetString(body)).Trim();
        if (words.Length == 0)
            return "no reason was given";
        return words.Length <= MostWords ? words : words[..MostWords] + "…";
    }

    private static string Printable(string text) =>
        new([.. text.Select(c => char.IsControl(c) ? ' ' : c)]);
}

/// <summary>The body of a granted claim.</summary>
internal sealed record Identity(string? RunnerName, string? JitConfig)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"Identity {{ RunnerName = {RunnerName} }}";
}

/// <summary>JSON of an identity, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Identity))]
internal sealed partial class IdentityJson : JsonSerializerContext;
