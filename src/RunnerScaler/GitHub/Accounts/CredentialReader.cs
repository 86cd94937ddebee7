using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using RunnerScaler.Scaling.Pools;

namespace RunnerScaler.GitHub.Accounts;

/// <summary>Reads a credential from a Secret's data, or says in one sentence what to set.</summary>
internal static class CredentialReader
{
    public const string AppId = "app_id";
    public const string PrivateKey = "private_key";
    public const string InstallationId = "installation_id";
    public const string Token = "token";

    private const string Choice = $"set either '{Token}', or '{AppId}' and '{PrivateKey}'";

    /// <param name="account">The account that the Secret belongs to; named in the sentence.</param>
    /// <param name="data">The Secret's decoded values.</param>
    /// <param name="problem">Why there is no credential; null if there is one.</param>
    public static GitHubCredential? Read(
        AccountKey account, IReadOnlyDictionary<string, ReadOnlyMemory<byte>> data, out Problem? problem)
    {
        var reason = ReasonOf(data);
        problem = reason is null
            ? null
            : new Problem(
                ProblemReason.CredentialsInvalid, $"Secret {account.Namespace}/{account.Secret} {reason}");
        if (problem is not null)
            return null;
        if (Text(data, Token) is { } token)
            return new GitHubCredential.Token(token);
        var installation = Number(Text(data, InstallationId));
        return new GitHubCredential.App(Text(data, AppId)!, Text(data, PrivateKey)!, installation);
    }

    private static string? ReasonOf(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> data)
    {
        var unknown = data.Keys.Where(k => k is not (AppId or PrivateKey or InstallationId or Token)).Order().ToArray();
        if (unknown.Length > 0)
            return $"has the unknown key '{unknown[0]}': {Choice} (and '{InstallationId}' if you like)";
        var app = new[] { AppId, PrivateKey, InstallationId }.FirstOrDefault(data.ContainsKey);
        if (data.ContainsKey(Token) && app is not null)
            return $"has both '{Token}' and '{app}': {Choice}, not both";
        if (data.ContainsKey(Token))
            return TokenProblem(Text(data, Token));
        return app is null ? $"has none of our keys: {Choice}" : AppProblem(data);
    }

    private static string? TokenProblem(string? token)
    {
        if (token is null)
            return $"has an empty '{Token}': set it to a personal access token";
        return token.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c > '~')
            ? $"has a '{Token}' with blanks or control characters inside: set it to the token alone"
            : null;
    }

    private static string? AppProblem(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> data)
    {
        if (Text(data, AppId) is not { } id)
            return $"has no '{AppId}': set it to the App's id or client id";
        if (!id.All(c => char.IsAsciiLetterOrDigit(c) || c == '.'))
            return $"has an '{AppId}' that is none: set it to the App's id (a number) or client id";
        if (Text(data, InstallationId) is { } installation && Number(installation) is null)
            return $"has an '{InstallationId}' that is no number: set it to the number at the end of the address of "
                + "the installation's settings, or remove the key";
        return Text(data, PrivateKey) is { } key
            ? KeyProblem(key)
            : $"has no '{PrivateKey}': set it to the content of the .pem file that GitHub gave for the App";
    }

    private static string? KeyProblem(string key)
    {
        const string Remedy =
            "set it to the content of the .pem file that GitHub gave for the App, line breaks included";
        if (key.Contains("ENCRYPTED", StringComparison.Ordinal))
            return $"has a '{PrivateKey}' that is protected by a passphrase: {Remedy}";
        try
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(key);
            rsa.ExportRSAPrivateKey();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // The exception's text is left out: it may quote what it could not read.
            return $"has a '{PrivateKey}' that is not an RSA private key in PEM form: {Remedy}";
        }
    }

    private static string? Text(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> data, string key) =>
        data.TryGetValue(key, out var bytes) && Encoding.UTF8.GetString(bytes.Span).Trim() is { Length: > 0 } text
            ? text
            : null;

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
