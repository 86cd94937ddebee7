using System.Net.Sockets;

namespace RunnerImage.Web;

/// <summary>What servers and addresses say, fit for a message.</summary>
internal static class WebText
{
    private const int LongestAddress = 512;

    /// <summary>At most so many characters, and none that a terminal or a log acts on.</summary>
    public static string Plain(string text, int most)
    {
        var plain = string.Concat(text.Take(most).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));
        return text.Length > most ? plain + "..." : plain;
    }

    /// <summary>An address without the password that it may have.</summary>
    public static string Of(Uri address)
    {
        var text = address.AbsoluteUri;
        if (address.UserInfo is { Length: > 0 } user)
            text = text.Replace($"//{user}@", $"//{user.Split(':')[0]}:***@", StringComparison.Ordinal);
        return Plain(text, LongestAddress);
    }

    /// <summary>In the words of Go's programs.</summary>
    public static string Word(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.TimedOut => "i/o timeout",
        SocketError.HostUnreachable => "no route to host",
        SocketError.NetworkUnreachable => "network is unreachable",
        _ => error.ToString(),
    };
}
