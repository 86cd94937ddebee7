namespace RunnerImage.Buildx;

/// <summary>The files of a shared daemon's client certificate, as a Secret of the type <c>kubernetes.io/tls</c> has them.</summary>
internal static class TlsFiles
{
    public const string Authority = "ca.crt";
    public const string Certificate = "tls.crt";
    public const string Key = "tls.key";
}
