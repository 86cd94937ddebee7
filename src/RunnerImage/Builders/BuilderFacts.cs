using System.Net.Sockets;

namespace RunnerImage.Builders;

/// <summary>What came of connecting to BuildKit's socket.</summary>
internal enum SocketTry
{
    Connected,

    /// <summary>There is no such file.</summary>
    Missing,

    /// <summary>The file is there and may not be opened.</summary>
    Denied,

    /// <summary>The file is there and nobody listens.</summary>
    Refused,

    /// <summary>Anything else.</summary>
    Failed,
}

/// <summary>What can be seen of the builder and of the node from inside the runner's container.</summary>
/// <param name="Socket">The last attempt to connect.</param>
/// <param name="UidMap"><c>/proc/self/uid_map</c>.</param>
/// <param name="MaxUserNamespaces"><c>user.max_user_namespaces</c>.</param>
/// <param name="UnprivilegedUserNamespaces"><c>kernel.unprivileged_userns_clone</c>: Debian's switch.</param>
/// <param name="RestrictedUserNamespaces"><c>kernel.apparmor_restrict_unprivileged_userns</c>: Ubuntu's.</param>
/// <param name="AppArmorEnabled"><c>Y</c> where the node's kernel has AppArmor on.</param>
/// <param name="AppArmorProfile">The profile of the runner's own container.</param>
/// <remarks>A fact that could not be read is null: it decides nothing.</remarks>
internal sealed record BuilderFacts(
    SocketTry Socket,
    string? UidMap = null,
    string? MaxUserNamespaces = null,
    string? UnprivilegedUserNamespaces = null,
    string? RestrictedUserNamespaces = null,
    string? AppArmorEnabled = null,
    string? AppArmorProfile = null)
{
    /// <summary>Reads what the kernel says.</summary>
    /// <param name="root">The root of <c>/proc</c> and <c>/sys</c>; empty for the real one.</param>
    public static BuilderFacts Gather(SocketTry socket, string root = "") => new(
        socket,
        Read(root + "/proc/self/uid_map"),
        Read(root + "/proc/sys/user/max_user_namespaces"),
        Read(root + "/proc/sys/kernel/unprivileged_userns_clone"),
        Read(root + "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
        Read(root + "/sys/module/apparmor/parameters/enabled"),
        Read(root + "/proc/self/attr/current"));

    /// <summary>Tries the socket once.</summary>
    public static async Task<SocketTry> TryAsync(string path, CancellationToken cancel)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return SocketTry.Connected;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode switch
            {
                SocketError.AccessDenied => SocketTry.Denied,
                SocketError.ConnectionRefused => SocketTry.Refused,
                _ when !File.Exists(path) => SocketTry.Missing,
                _ => SocketTry.Failed,
            };
        }
        catch (ArgumentOutOfRangeException)
        {
            // Longer than a socket's path can be.
            return SocketTry.Failed;
        }
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim('\0', '\n', ' ');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
