using RunnerImage.Posix;

namespace RunnerImage;

/// <summary>
/// The certificates of the system, which .NET reads all before its first handshake. Where authorities are given, none
/// of them would be trusted, and reading them takes several times as long as the handshake itself.
/// </summary>
internal sealed class SystemCertificates : IDisposable
{
    private const string Nowhere = "/nonexistent";

    private static readonly string[] Variables = ["SSL_CERT_DIR", "SSL_CERT_FILE"];

    private readonly string?[] before = [.. Variables.Select(Environment.GetEnvironmentVariable)];

    private SystemCertificates()
    {
        foreach (var name in Variables)
            Native.SetVariable(name, Nowhere);
    }

    /// <summary>
    /// Hides them until this is disposed of: for all of this process, and for the programs that it starts or becomes.
    /// </summary>
    public static SystemCertificates Hide() => new();

    public void Dispose()
    {
        for (var i = 0; i < Variables.Length; i++)
            Native.SetVariable(Variables[i], before[i]);
    }
}
