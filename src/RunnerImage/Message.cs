namespace RunnerImage;

/// <summary>A line for the job's log, which GitHub shows as an annotation unless it is a plain one.</summary>
/// <param name="Level"><c>notice</c>, <c>warning</c> or <c>error</c>; <c>plain</c> for what nobody has to act
/// on.</param>
/// <param name="Kind">A word for what it is about: each is said once in a job, unless it is an error.</param>
/// <param name="Text">What happened, to which object, and what to do.</param>
internal sealed record Message(string Level, string Kind, string Text)
{
    public const string PlainLevel = "plain";
    public const string NoticeLevel = "notice";
    public const string WarningLevel = "warning";
    public const string ErrorLevel = "error";

    public static Message Plain(string kind, string text) => new(PlainLevel, kind, text);

    public static Message Notice(string kind, string text) => new(NoticeLevel, kind, text);

    public static Message Warning(string kind, string text) => new(WarningLevel, kind, text);

    public static Message Error(string kind, string text) => new(ErrorLevel, kind, text);

    /// <summary>The workflow command, or the plain text: one line, whatever stands in it.</summary>
    public string ToLine() => Level == PlainLevel ? Text.ReplaceLineEndings(" ") : $"::{Level}::" + Text
        .Replace("%", "%25", StringComparison.Ordinal)
        .Replace("\r", "%0D", StringComparison.Ordinal)
        .Replace("\n", "%0A", StringComparison.Ordinal);
}
