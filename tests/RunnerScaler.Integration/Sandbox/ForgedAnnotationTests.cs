using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using RunnerScaler.Integration.Cluster;
using RunnerScaler.Sandbox.Box;
using RunnerScaler.Sandbox.Cluster.Nodes;
using RunnerScaler.Sandbox.Cluster.Store;
using RunnerScaler.Sandbox.GitHub.Rest;
using static RunnerScaler.Integration.Cluster.TestCluster;

namespace RunnerScaler.Integration.Sandbox;

/// <summary>
/// Somebody who may write pods in one namespace tries to use the credential of another: the controller as a process,
/// GitHub and the API server in a box, and a server of the attacker's that writes down who calls.
/// </summary>
public sealed class ForgedAnnotationTests
{
    private const string Victim = "linux-3-0badcafe";

    [Theory]
    [InlineData("theirs", false)]
    [InlineData("theirs", true)]
    [InlineData("true", false)]
    [InlineData("true", true)]
    [InlineData("true", false, "other")]
    [InlineData("true", true, "other")]
    [InlineData("true", true, "github-app", "acme/app")]
    public async Task WhatAPodSaysNeverDecidesWhoseCredentialIsUsed(
        string server, bool ends, string secret = "github-app", string target = "acme")
    {
        await using var world = await ForgedAnnotationRig.StartAsync();
        var victim = world.Register(target, Victim);
        var named = target.Split('/');
        var mark = new JsonObject
        {
            ["runner"] = Victim,
            ["owner"] = named[0],
            ["server"] = server == "theirs" ? world.Attacker : world.TrueServer,
            ["namespace"] = ClusterBox.Namespace,
            ["secret"] = secret,
        };
        if (named.Length > 1)
            mark["repository"] = named[1];
        // The second in the namespace of the victim's pool, whose name it claims.
        foreach (var (ns, pool, slot) in ((string, string, string)[])[
            ("team-a", "x", "0"), (ClusterBox.Namespace, "linux", "7")])
            await UntilAsync(
                $"{pool}-{slot} was noticed as gone",
                async () => await world.HasLoggedAsync($"{ns}/{pool}: the runner in slot {slot}")
                    || await world.AttackAsync(ns, pool, slot, mark.ToJsonString(), ends));

        await world.PassAFenceAsync();
        Assert.Empty(world.CallsOfAttacker);
        Assert.Contains(world.GitHub.Organization.AllRunners(), r => r.Id == victim);
    }

    /// <summary>What one attack needs.</summary>
    private sealed class ForgedAnnotationRig : IAsyncDisposable
    {
        private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("runnerscaler-");
        private readonly ConcurrentQueue<string> calls = new();
        private WebApplication attacker = null!;
        private SandboxCluster cluster = null!;
        private ControllerProcess controller = null!;
        private k8s.Kubernetes client = null!;
        private KubeHttp http = null!;

        public GitHubBox GitHub { get; private set; } = null!;

        public string Attacker => attacker.Urls.Single().TrimEnd('/');

        public string TrueServer => GitHub.OrganizationUrl[..GitHub.OrganizationUrl.LastIndexOf('/')];

        public IEnumerable<string> CallsOfAttacker => calls;

        public static async Task<ForgedAnnotationRig> StartAsync()
        {
            var world = new ForgedAnnotationRig();
            await world.OpenAsync();
            return world;
        }

        public long Register(string target, string name)
        {
            var group = target.Contains('/') ? 1 : GitHub.Organization.RunnerGroupsOf(target)[0].Id;
            return GitHub.Organization.CreateJitConfig(target, new(name, group, ["linux"])).Runner.Id;
        }

        /// <summary>
        /// Makes a forged pod and has it go. Again and again, for a controller that does not lead now sees nothing.
        /// </summary>
        /// <returns>False: what follows from it is to be waited for.</returns>
        public async Task<bool> AttackAsync(string ns, string pool, string slot, string mark, bool ends)
        {
            try
            {
                var pod = Pod($"{pool}-{slot}", Marked(pool, slot, mark).ToJsonString());
                await http.PostAsync($"/api/v1/namespaces/{ns}/pods", pod, Stop);
                await (ends ? EndAsync(ns, $"{pool}-{slot}") : DeleteAsync(ns, $"{pool}-{slot}"));
            }
            catch (KubeFailure failure) when (failure.Code is 404 or 409)
            {
                // The one before has not gone yet, or is gone already.
            }
            return false;
        }

        private Task<JsonObject> DeleteAsync(string ns, string pod) => http.DeleteAsync(
            $"/api/v1/namespaces/{ns}/pods/{pod}", Json("""{"gracePeriodSeconds":0}"""), Stop);

        private Task<JsonObject> EndAsync(string ns, string pod) => http.PatchAsync(
            $"/api/v1/namespaces/{ns}/pods/{pod}/status",
            Json("""{"status":{"phase":"Failed","reason":"Error"}}"""), KubeHttp.MergePatchType, Stop);

        public async Task<bool> HasLoggedAsync(string words) =>
            (await ReadLogAsync()).Contains(words, StringComparison.Ordinal);

        /// <summary>
        /// A registration of the pool's own, whose pod says where it is, in an earlier version's words: that it is
        /// removed, although it came after all that was forged, says that nothing of that is still to come.
        /// </summary>
        public async Task PassAFenceAsync()
        {
            await http.PostAsync($"/api/v1/namespaces/{ClusterBox.Namespace}/pods", Pod("linux-5"), Stop);
            var path = $"/api/v1/namespaces/{ClusterBox.Namespace}/pods/linux-5";
            var uid = (string)(await http.GetAsync(path, Stop))["metadata"]!["uid"]!;
            var name = $"linux-5-{uid.Replace("-", "", StringComparison.Ordinal)[..8]}";
            var id = Register(GitHubBox.Owner, name);
            var mark = $$"""
                {"runner":"{{name}}","owner":"acme","attempt":1,"at":"2026-01-01T00:00:00Z",
                 "server":"{{TrueServer}}","namespace":"{{ClusterBox.Namespace}}","secret":"github-app"}
                """;
            await http.PatchAsync(
                path, new JsonObject { ["metadata"] = Marked("linux", "5", mark) }, KubeHttp.MergePatchType, Stop);
            await DeleteAsync(ClusterBox.Namespace, "linux-5");
            await UntilAsync(
                "the pool's own registration is removed",
                () => Task.FromResult(GitHub.Organization.AllRunners().All(r => r.Id != id)));
        }

        public async ValueTask DisposeAsync()
        {
            await controller.DisposeAsync();
            client.Dispose();
            await cluster.DisposeAsync();
            await GitHub.DisposeAsync();
            await attacker.DisposeAsync();
            folder.Delete(recursive: true);
        }

        private static JsonObject Marked(string pool, string slot, string mark) => new()
        {
            ["labels"] = new JsonObject
            {
                ["app.kubernetes.io/managed-by"] = "runnerscaler",
                ["runnerscaler.io/pool"] = pool,
                ["runnerscaler.io/slot"] = slot,
            },
            ["annotations"] = new JsonObject { ["runnerscaler.io/claim"] = mark },
        };

        private async Task OpenAsync()
        {
            var time = TimeProvider.System;
            attacker = await ListenAsync();
            GitHub = await RunnerScaler.Sandbox.Box.GitHubBox.StartAsync(
                ["app"], time, new Random(1), new RestFaults(new Random(2)));
            cluster = await SandboxCluster.StartAsync(
                new() { Count = 0 }, GitHub.Organization, 3, time, folder.FullName);
            await cluster.Box.InstallAsync(GitHub, new() { Standby = 0 }, time, Stop);
            client = KubeHttp.Connect(cluster.KubeConfigFor("tenant"));
            http = new KubeHttp(client);
            await http.PostAsync("/api/v1/namespaces", Named("team-a"), Stop);
            foreach (var ns in (string[])["team-a", ClusterBox.Namespace])
                await http.PostAsync($"/api/v1/namespaces/{ns}/serviceaccounts", Named(TestCluster.Account), Stop);
            controller = ControllerProcess.Start(
                cluster.KubeConfigFor("controller"), folder.FullName);
            await controller.WaitUntilReadyAsync(time, Stop);
            await UntilAsync("the controller leads", () => HasLoggedAsync("This replica leads"));
        }

        private async Task<WebApplication> ListenAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var app = builder.Build();
            app.Run(context =>
            {
                calls.Enqueue($"{context.Request.Method} {context.Request.Path}");
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
            await app.StartAsync();
            return app;
        }

        private async Task<string> ReadLogAsync()
        {
            await using var file = new FileStream(
                controller.LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return await reader.ReadToEndAsync(Stop);
        }
    }
}
