using System.Text;
using System.Text.Json;

namespace RunnerScaler.Protocol;

/// <summary>
/// An answer to <c>POST</c> or <c>DELETE</c> of <see cref="ClaimProtocol.Path"/> as HTTP carries it: written by the
/// controller, read by pods. Whatever is in one, reading it gives an answer.
/// </summary>
/// <param name="Status">One of <see cref="ClaimStatus"/> if it is from the controller.</param>
/// <param name="RetryAfter">The header of that name, in seconds; null if there is none that says seconds.</param>
/// <param name="Body">An identity, or a reason in words.</param>
internal readonly record struct ClaimReply(int Status, int? RetryAfter, ReadOnlyMemory<byte> Body)
{
    public const string IdentityType = "application/json";
    public const string WordsType = "text/plain; charset=utf-8";

    /// <summary>What is shown of a reason; more than that is nobody's reading.</summary>
    private const int LongestReason = 300;

    /// <summary>GitHub's own bound is 64.</summary>
    private const int LongestName = 100;

    private const string RunnerName = "runnerName";
    private const string JitConfig = "jitConfig";

    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>The type of the body; null if there is none.</summary>
    public string? ContentType =>
        Body.IsEmpty ? null : Status == ClaimStatus.Granted ? IdentityType : WordsType;

    /// <exception cref="ArgumentException">It is no answer of the controller's.</exception>
    public static ClaimReply Of(ClaimAnswer answer) => answer switch
    {
        ClaimAnswer.Granted granted => new(ClaimStatus.Granted, null, Identity(granted)),
        ClaimAnswer.Standby({ } after) => Later(after, ClaimStatus.Nothing),
        ClaimAnswer.Standby => With(ClaimStatus.Nothing),
        ClaimAnswer.Retired(var why) => With(ClaimStatus.Retired, why),
        ClaimAnswer.Refused(var why) => With(ClaimStatus.Refused, why),
        ClaimAnswer.Unauthorized => With(ClaimStatus.Unauthorized),
        ClaimAnswer.Unavailable(var after) => Later(after),
        _ => throw new ArgumentException($"The controller does not answer {answer.GetType().Name}.", nameof(answer)),
    };

    /// <exception cref="ArgumentException">It is no answer of the controller's.</exception>
    public static ClaimReply Of(ReturnAnswer answer) => answer switch
    {
        ReturnAnswer.Returned => With(ClaimStatus.Nothing),
        ReturnAnswer.Busy => With(ClaimStatus.Busy),
        ReturnAnswer.Refused(var why) => With(ClaimStatus.Refused, why),
        ReturnAnswer.Unauthorized => With(ClaimStatus.Unauthorized),
        ReturnAnswer.Unavailable(var after) => Later(after),
        _ => throw new ArgumentException($"The controller does not answer {answer.GetType().Name}.", nameof(answer)),
    };

    /// <summary>Come again after this time, in whole seconds.</summary>
    public static ClaimReply Later(TimeSpan after, int status = ClaimStatus.Unavailable) =>
        new(status, (int)Math.Ceiling(Bounded(after).TotalSeconds), default);

    /// <summary>What the answer to a claim means.</summary>
    public ClaimAnswer ToClaimAnswer() => Status switch
    {
        ClaimStatus.Granted => ReadIdentity() ?? (ClaimAnswer)new ClaimAnswer.None("answered 200 without an identity"),
        ClaimStatus.Nothing => new ClaimAnswer.Standby(RetryAfter is null ? null : Pause()),
        ClaimStatus.Retired => new ClaimAnswer.Retired(Reason()),
        ClaimStatus.Refused => new ClaimAnswer.Refused(Reason()),
        ClaimStatus.Unauthorized => new ClaimAnswer.Unauthorized(),
        ClaimStatus.TooMany or ClaimStatus.Unavailable => new ClaimAnswer.Unavailable(Pause()),
        _ => new ClaimAnswer.None(Strange()),
    };

    /// <summary>What the answer to an identity that is given back means.</summary>
    public ReturnAnswer ToReturnAnswer() => Status switch
    {
        ClaimStatus.Nothing => new ReturnAnswer.Returned(),
        ClaimStatus.Busy => new ReturnAnswer.Busy(),
        ClaimStatus.Refused => new ReturnAnswer.Refused(Reason()),
        ClaimStatus.Unauthorized => new ReturnAnswer.Unauthorized(),
        ClaimStatus.TooMany or ClaimStatus.Unavailable => new ReturnAnswer.Unavailable(Pause()),
        _ => new ReturnAnswer.None(Strange()),
    };

    /// <summary>Without the body, which may hold a secret.</summary>
    public override string ToString() => $"ClaimReply {{ Status = {Status}, RetryAfter = {RetryAfter} }}";

    private static ClaimReply With(int status, string? why = null) =>
        new(status, null, why is null ? default : Encoding.UTF8.GetBytes(PlainText.Line(why, LongestReason)));

    private static TimeSpan Bounded(TimeSpan pause) =>
        pause < LeastPause ? LeastPause : pause > LongestPause ? LongestPause : pause;

    private static byte[] Identity(ClaimAnswer.Granted granted)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString(RunnerName, granted.RunnerName);
            json.WriteString(JitConfig, granted.JitConfig);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private ClaimAnswer.Granted? ReadIdentity() =>
        TolerantJson.Object(Body, ClaimProtocol.LargestBody) is { } identity
        && TolerantJson.Text(identity, RunnerName) is { Length: > 0 } name
        && TolerantJson.Text(identity, JitConfig) is { Length: > 0 } config
            ? new(PlainText.Line(name, LongestName), config)
            : null;

    private TimeSpan Pause() => RetryAfter is { } seconds ? Bounded(TimeSpan.FromSeconds(seconds)) : LeastPause;

    private string Reason()
    {
        // A character has at most four bytes, and half of one at the end is as good as none.
        var start = Body.Span[..Math.Min(Body.Length, (LongestReason + 1) * 4)];
        var words = PlainText.Line(Encoding.UTF8.GetString(start), LongestReason).Trim();
        return words.Length == 0 ? "no reason was given" : words;
    }

    private string Strange() => $"answered with status {Status}";
}
