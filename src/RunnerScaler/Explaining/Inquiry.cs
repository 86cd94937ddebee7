using System.Collections.Immutable;
using System.Globalization;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.Explaining;

/// <summary>What somebody wants to have explained, as he wrote it.</summary>
internal abstract record Inquiry
{
    /// <summary>How it can be written.</summary>
    public const string Forms = "JOB-URL | RUN-URL | OWNER/REPO#RUN | [NAMESPACE/]POD | [NAMESPACE/]POOL";

    private const int Longest = 500;
    private const int LongestName = 253;

    /// <summary>It is understood.</summary>
    /// <param name="Paths">Where the answer may be, below the controller's root: the first that is there.</param>
    public sealed record Understood(ImmutableArray<string> Paths) : Inquiry;

    /// <summary>It is not.</summary>
    /// <param name="Why">What to write instead.</param>
    public sealed record Wrong(string Why) : Inquiry;

    /// <param name="text">What was written.</param>
    /// <param name="ns">The namespace of pods and pools that name none.</param>
    public static Inquiry Read(string text, string ns)
    {
        if (text.Length > Longest)
            return Not(text, "it is too long");
        if (text.Contains("://", StringComparison.Ordinal))
            return OfUrl(text);
        if (text.Split('#') is [var repository, var run])
            return RepositoryName.Read(repository) is not null && IsId(run)
                ? At("runs", run, repository)
                : Not(text, "it is no OWNER/REPO#RUN, where RUN is the number in the run's address");
        if (IsId(text))
            return Not(text, "a number alone does not say which repository's run it is: write OWNER/REPO#RUN");
        return text.Split('/') switch
        {
            [var name] when IsName(name) => OfObject(ns, name),
            [var space, var name] when IsName(space) && IsName(name) => OfObject(space, name),
            _ => Not(text, "it is no address, and no name that pods and pools can have"),
        };
    }

    private static Inquiry OfUrl(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri is not { Scheme: "https" or "http", UserInfo: "" })
            return Not(text, "it is no address of a job or a run");
        var server = uri.GetLeftPart(UriPartial.Authority);
        return uri.AbsolutePath.Trim('/').Split('/') switch
        {
            [var owner, var name, "actions", "runs", _, "job", var job] => At("jobs", job, $"{server}/{owner}/{name}"),
            [var owner, var name, "actions", "runs", var run, ..] => At("runs", run, $"{server}/{owner}/{name}"),
            [var owner, var name, "runs", var job] => At("jobs", job, $"{server}/{owner}/{name}"),
            _ => Not(text, "it is no address of a job or a run: copy one of the form "
                + "https://HOST/OWNER/REPO/actions/runs/RUN/job/JOB from the browser"),
        };

        Inquiry At(string kind, string id, string repository) =>
            IsId(id) && RepositoryName.Read(repository) is not null
                ? Inquiry.At(kind, id, repository)
                : Not(text, "the numbers and names in it are none of GitHub's");
    }

    private static Understood At(string kind, string id, string repository) =>
        new([$"/api/v1/{kind}/{id}?repository={Uri.EscapeDataString(repository)}"]);

    private static Understood OfObject(string ns, string name) =>
        new([$"/api/v1/pools/{ns}/{name}", $"/api/v1/pods/{ns}/{name}"]);

    private static Wrong Not(string text, string why) =>
        new($"{text.Quote()} cannot be explained: {why}. Write {Forms}.");

    private static bool IsId(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName
        && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '.')
        && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);
}
