using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RunnerScaler.Sandbox.Cluster;
using RunnerScaler.Sandbox.Cluster.Nodes;

namespace RunnerScaler.RealCluster;

/// <summary>
/// A real kube-apiserver with its etcd, for tests and benchmarks: free loopback ports, self-made certificates, a
/// token file, RBAC and its data in memory. There is no controller manager, no scheduler and no kubelet, and so no
/// service-account admission, because nothing makes service accounts; <see cref="RealNode"/> has them all. Ready in
/// about five seconds; some 400 MB.
/// </summary>
internal sealed class RealApiServer : IAsyncDisposable
{
    /// <summary>The environment variable of Kubernetes' envtest that names the folder of the two programs.</summary>
    public const string AssetsVariable = "KUBEBUILDER_ASSETS";

    /// <summary>The name by which pods know the server: its certificate is for that, too.</summary>
    public const string InCluster = "kubernetes.default.svc";

    /// <summary>The user that may do everything.</summary>
    public const string Admin = "admin";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly string folder;
    private readonly TimeProvider time;
    private readonly SelfMadeCertificates certificates;
    private readonly Dictionary<string, string> tokens = [];
    private readonly List<ChildProgram> programs = [];

    private readonly bool hasNodes;

    private RealApiServer(TimeProvider time, bool hasNodes)
    {
        this.time = time;
        this.hasNodes = hasNodes;
        folder = Path.Combine(
            Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(),
            $"runnerscaler-{Environment.ProcessId}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}");
        certificates = SelfMadeCertificates.Create(time.GetUtcNow(), InCluster);
        Address = new Uri("https://127.0.0.1");
    }

    public Uri Address { get; private set; }

    /// <summary>The certificate authority that clients must trust.</summary>
    public string AuthorityPem => certificates.AuthorityPem;

    /// <summary>The file with <see cref="AuthorityPem"/>.</summary>
    public string AuthorityPath => In("authority.crt");

    /// <summary>The file with the key that signs the tokens of service accounts.</summary>
    public string AccountKeyPath => In("accounts.key");

    /// <summary>A kubeconfig of <see cref="Admin"/>.</summary>
    public string KubeConfigPath => Path.Combine(folder, "kubeconfig");

    /// <summary>Why no real server can be started here; null when one can.</summary>
    /// <param name="more">Programs that are needed besides.</param>
    public static string? WhyNot(params IEnumerable<string> more)
    {
        var assets = Environment.GetEnvironmentVariable(AssetsVariable);
        if (string.IsNullOrEmpty(assets))
            return $"set {AssetsVariable} to a folder with kube-apiserver and etcd to run this on a real API server";
        var missing = ((string[])["kube-apiserver", "etcd", .. more])
            .Where(p => !File.Exists(Path.Combine(assets, p))).ToList();
        return missing.Count == 0 ? null : $"{AssetsVariable}={assets} has no {string.Join(" and no ", missing)}";
    }

    /// <summary>The release that <see cref="StartAsync"/> starts.</summary>
    public static Task<KubeRelease> ReleaseAsync() => KubeRelease.OfAsync(
        Path.Combine(Environment.GetEnvironmentVariable(AssetsVariable)!, "kube-apiserver"));

    /// <param name="users">More users, each with its groups, for the token file; a group may be
    /// <c>system:masters</c>.</param>
    /// <param name="hasNodes">Whether controllers and kubelets will work for it: then service accounts are admitted
    /// and nodes may do what is theirs only.</param>
    /// <param name="newerCrds">The groups, as <c>v1.example.io</c>, that a <see cref="CrdServer"/> is to serve behind
    /// it, with all definitions; empty if it is to serve them itself.</param>
    /// <exception cref="InvalidOperationException">A program ended or did not become ready; with its last
    /// output.</exception>
    public static async Task<RealApiServer> StartAsync(
        TimeProvider time, IReadOnlyDictionary<string, string>? users = null, bool hasNodes = false,
        IReadOnlyList<string>? newerCrds = null, CancellationToken stop = default)
    {
        if (WhyNot() is { } reason)
            throw new InvalidOperationException(reason);
        var server = new RealApiServer(time, hasNodes);
        try
        {
            server.WriteFiles(users ?? new Dictionary<string, string>());
            var etcd = server.StartPrograms(
                Environment.GetEnvironmentVariable(AssetsVariable)!, newerCrds is [_, ..]);
            server.WriteKubeConfig(server.KubeConfigPath, Admin);
            await server.WaitUntilReadyAsync(server.Address, stop);
            if (newerCrds is [_, ..])
                await server.PutCrdServerBehindAsync(etcd, newerCrds, stop);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a kubeconfig of one of the users.</summary>
    public void WriteKubeConfig(string path, string user, string ns = "default") =>
        KubeConfigFile.Write(path, Address, tokens[user], AuthorityPem, ns);

    public async ValueTask DisposeAsync()
    {
        // The API server first: it would wait for etcd otherwise.
        foreach (var program in programs.AsEnumerable().Reverse())
            await program.DisposeAsync();
        programs.Clear();
        certificates.Dispose();
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private void WriteFiles(IReadOnlyDictionary<string, string> users)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(AuthorityPath, AuthorityPem);
        File.WriteAllText(In("server.crt"), certificates.ServerPem);
        File.WriteAllText(In("server.key"), certificates.ServerKeyPem);
        using var accountKey = RSA.Create(2048);
        File.WriteAllText(AccountKeyPath, accountKey.ExportRSAPrivateKeyPem());
        File.WriteAllText(In("accounts.pub"), accountKey.ExportSubjectPublicKeyInfoPem());
        var lines = new List<string>();
        foreach (var (user, groups) in users.Prepend(KeyValuePair.Create(Admin, "system:masters")))
        {
            tokens[user] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            lines.Add($"{tokens[user]},{user},{user},\"{groups}\"");
        }
        File.WriteAllLines(In("tokens.csv"), lines);
    }

    /// <returns>Where etcd is.</returns>
    private string StartPrograms(string assets, bool hasNewerCrds)
    {
        var ports = FreePorts.Take(3);
        var (etcd, peer) = ($"http://127.0.0.1:{ports[0]}", $"http://127.0.0.1:{ports[1]}");
        Address = new Uri($"https://127.0.0.1:{ports[2]}");
        programs.Add(ChildProgram.Start(hasNewerCrds ? CrdServer.EtcdPath : Path.Combine(assets, "etcd"),
            "--data-dir", In("etcd"), "--unsafe-no-fsync", "--logger=zap", "--log-level=error",
            "--listen-client-urls", etcd, "--advertise-client-urls", etcd, "--listen-peer-urls", peer,
            "--initial-advertise-peer-urls", peer, "--initial-cluster", $"default={peer}"));
        programs.Add(ChildProgram.Start(Path.Combine(assets, "kube-apiserver"), [
            "--etcd-servers", etcd, "--bind-address=127.0.0.1", "--secure-port", $"{ports[2]}",
            "--tls-cert-file", In("server.crt"), "--tls-private-key-file", In("server.key"), "--cert-dir", In("certs"),
            "--token-auth-file", In("tokens.csv"),
            hasNodes ? "--authorization-mode=Node,RBAC" : "--authorization-mode=RBAC",
            hasNodes ? "--enable-admission-plugins=NodeRestriction" : "--disable-admission-plugins=ServiceAccount",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--service-account-key-file", In("accounts.pub"), "--service-account-signing-key-file", AccountKeyPath,
            "--service-account-issuer=https://kubernetes.default.svc", "--api-audiences=https://kubernetes.default.svc",
            "--v=0", .. CrdServer.FrontFlags(AuthorityPath, In("server.crt"), In("server.key"))]));
        return etcd;
    }

    private async Task PutCrdServerBehindAsync(string etcd, IReadOnlyList<string> groups, CancellationToken stop)
    {
        var port = FreePorts.Take(1)[0];
        var behind = new CrdServer(port);
        programs.Add(behind.Start(etcd, In("server.crt"), In("server.key"), KubeConfigPath));
        await WaitUntilReadyAsync(new Uri($"https://127.0.0.1:{port}"), stop);
        using var client = KubeHttp.Connect(KubeConfigPath);
        var front = new KubeHttp(client);
        await behind.TakeOverAsync(front, groups, stop);
        await UntilAsync(() => CrdServer.HasTakenOverAsync(front, stop), stop);
    }

    private async Task WaitUntilReadyAsync(Uri address, CancellationToken stop)
    {
        using var authority = X509Certificate2.CreateFromPem(AuthorityPem);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { authority },
        };
        using var client = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(5) };
        client.DefaultRequestHeaders.Authorization = new("Bearer", tokens[Admin]);
        await UntilAsync(() => IsReadyAsync(client, stop), stop);
    }

    private async Task UntilAsync(Func<Task<bool>> isReady, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        while (!await isReady())
        {
            if (programs.Find(p => p.HasExited) is { } ended)
                throw new InvalidOperationException($"etcd or an API server ended at its start:\n{ended.LastOutput}");
            if (time.GetElapsedTime(start) > Patience)
                throw new InvalidOperationException(
                    $"an API server was not ready in {Patience}:\n{programs[^1].LastOutput}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop);
        }
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, CancellationToken stop)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative), stop);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (
            e is HttpRequestException || (e is TaskCanceledException && !stop.IsCancellationRequested))
        {
            return false;
        }
    }

    private string In(string name) => Path.Combine(folder, name);
}
