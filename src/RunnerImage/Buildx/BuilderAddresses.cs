using System.Text;

namespace RunnerImage.Buildx;

/// <summary>The addresses of BuildKit that the controller gave the pod, and which of them a repository uses.</summary>
internal static class BuilderAddresses
{
    /// <summary>Where the sidecar listens if nothing else is said.</summary>
    public const string Sidecar = "unix:///run/buildkit/buildkitd.sock";

    public static IReadOnlyList<string> Parse(string? list) =>
        (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// Chooses by rendezvous hashing: the same repository always gets the same daemon, wherever it stands in the list,
    /// and if a daemon goes, only its repositories move.
    /// </summary>
    /// <param name="addresses">The daemons; none means the sidecar.</param>
    /// <param name="repository">The repository, as <c>owner/name</c>; letter case does not matter, as at
    /// GitHub.</param>
    public static string Choose(IReadOnlyList<string> addresses, string repository) => addresses
        .OrderByDescending(a => Weight(a, repository.ToUpperInvariant()))
        .ThenBy(a => a, StringComparer.Ordinal)
        .FirstOrDefault(Sidecar);

    /// <summary>FNV-1a, and a mix so that addresses that differ in one digit are far apart.</summary>
    private static ulong Weight(string address, string repository)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in Encoding.UTF8.GetBytes($"{address}\n{repository}"))
            hash = unchecked((hash ^ b) * 1099511628211UL);
        hash = unchecked((hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL);
        hash = unchecked((hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL);
        return hash ^ (hash >> 33);
    }
}
