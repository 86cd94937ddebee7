using RunnerImage.Buildx;
using RunnerScaler.Protocol;

namespace RunnerImage.Tests.Buildx;

/// <summary>Facts of pods, and command lines written as people write them.</summary>
internal static class Sample
{
    public const string Socket = BuilderAddresses.Sidecar;

    public static ShimFacts Sidecar { get; } = new(
        BuilderMode.Sidecar, Socket, null, false, ShimFacts.OurBuilder, null, null, _ => null, _ => null);

    public static ShimFacts Shared { get; } = Sidecar with
    {
        Mode = BuilderMode.Shared,
        Address = "tcp://buildkit-1.buildkit.builds.svc:1234",
        TlsFolder = "/tls",
    };

    /// <summary>Splits at spaces; what stands between apostrophes keeps together, as in a shell.</summary>
    public static string[] Words(string line)
    {
        List<string> words = [];
        string? word = null;
        var quoted = false;
        foreach (var c in line)
        {
            if (c == '\'')
                (quoted, word) = (!quoted, word ?? "");
            else if (c != ' ' || quoted)
                word += c;
            else if (word is not null)
            {
                words.Add(word);
                word = null;
            }
        }

        return word is null ? [.. words] : [.. words, word];
    }

    public static Decision Decide(string line, ShimFacts? facts = null) => Shim.Decide(Words(line), facts ?? Sidecar);
}
