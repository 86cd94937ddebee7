using System.Text;

namespace RunnerScaler.Sandbox.Cluster;

/// <summary>Writes kubeconfig files, as every client of Kubernetes reads them.</summary>
internal static class KubeConfigFile
{
    /// <summary>Writes a kubeconfig with one cluster, one user and one context, readable by the owner only.</summary>
    /// <param name="server">The API server's address.</param>
    /// <param name="token">The user's bearer token.</param>
    /// <param name="authorityPem">The certificate authority to trust; null for plain http.</param>
    /// <param name="ns">The namespace of the context.</param>
    public static void Write(string path, Uri server, string token, string? authorityPem, string ns = "default")
    {
        var authority = authorityPem is null
            ? ""
            : $"    certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(authorityPem))}\n";
        var text = $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: sandbox
              cluster:
                server: {server.AbsoluteUri.TrimEnd('/')}
            {authority}users:
            - name: sandbox
              user:
                token: {token}
            contexts:
            - name: sandbox
              context:
                cluster: sandbox
                user: sandbox
                namespace: {ns}
            current-context: sandbox

            """;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(text);
    }
}
