using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.ScaleSets;

/// <summary>
/// Addresses that a GitHub server answers: of its Actions service, which is another host, and of message queues. The
/// token that comes with one goes there and nowhere else, and no other token does.
/// </summary>
internal static class ActionsAddress
{
    private const int Longest = 2000;

    /// <param name="said">What was answered.</param>
    /// <param name="server">The server that the pool names; plain http is for loopback alone.</param>
    /// <returns>Null if it is none that may be asked.</returns>
    public static Uri? Read(string? said, string server) =>
        said is { Length: > 0 and <= Longest }
        && Uri.TryCreate(said, UriKind.Absolute, out var address)
        && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback && IsLoopback(server)))
        && address.UserInfo.Length == 0
        && address.Fragment.Length == 0
        && ServerAddress.IsPossible(address)
            ? address
            : null;

    private static bool IsLoopback(string server) =>
        Uri.TryCreate(server, UriKind.Absolute, out var address) && address.IsLoopback;
}
