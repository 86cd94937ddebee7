namespace RunnerScaler.Sandbox.Cluster.Store;

/// <summary>Uids and generated names from one seeded source, so that a run can be repeated.</summary>
internal sealed class Identities(Random random)
{
    private const string SuffixLetters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A version 4 UUID.</summary>
    public string NewUid()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>Five letters, as the server appends them to a <c>generateName</c>.</summary>
    public string NewSuffix() => string.Create(5, random, static (letters, random) =>
    {
        for (var i = 0; i < letters.Length; i++)
            letters[i] = SuffixLetters[random.Next(SuffixLetters.Length)];
    });
}
