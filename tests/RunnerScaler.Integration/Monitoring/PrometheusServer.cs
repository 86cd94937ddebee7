using System.Globalization;
using System.Text.Json.Nodes;
using RunnerScaler.RealCluster;
using RunnerScaler.Sandbox.Cluster;

namespace RunnerScaler.Integration.Monitoring;

/// <summary>A real Prometheus that scrapes each second what the Prometheus Operator would have it scrape.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo folder;
    private readonly ChildProgram program;
    private readonly HttpClient http;
    private readonly DateTimeOffset began;

    private PrometheusServer(DirectoryInfo folder, ChildProgram program, int port, DateTimeOffset began)
    {
        (this.folder, this.program, this.began) = (folder, program, began);
        http = new() { BaseAddress = new($"http://127.0.0.1:{port}") };
    }

    /// <param name="controller">The controller, with the labels that a ServiceMonitor gives.</param>
    /// <param name="others">Where the metrics of other exporters are.</param>
    public static async Task<PrometheusServer> StartAsync(Uri controller, Uri others)
    {
        var folder = Directory.CreateTempSubdirectory("runnerscaler-prometheus-");
        var config = Path.Combine(folder.FullName, "prometheus.yml");
        await File.WriteAllTextAsync(config, $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
            - job_name: runnerscaler
              honor_labels: true
              static_configs:
              - targets: ["{{controller.Authority}}"]
                labels: {namespace: runnerscaler, service: runnerscaler, pod: runnerscaler-0, container: controller}
            - job_name: others
              honor_labels: true
              static_configs:
              - targets: ["{{others.Authority}}"]
            """);
        var port = FreePorts.Take(1)[0];
        var program = ChildProgram.Start(
            PrometheusTools.Server,
            $"--config.file={config}",
            $"--storage.tsdb.path={Path.Combine(folder.FullName, "data")}",
            $"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn");
        var server = new PrometheusServer(folder, program, port, TimeProvider.System.GetUtcNow());
        await server.UntilReadyAsync();
        return server;
    }

    /// <summary>How many series an expression has that were, at some time since the start, a number.</summary>
    /// <param name="expression">In PromQL.</param>
    /// <param name="now">Only as it is now.</param>
    /// <exception cref="InvalidOperationException">Prometheus refuses the expression.</exception>
    public async Task<int> SeriesAsync(string expression, bool now = false)
    {
        var end = TimeProvider.System.GetUtcNow();
        var result = now
            ? await AskAsync("query", ("query", expression))
            : await AskAsync(
                "query_range", ("query", expression), ("start", Seconds(began)), ("end", Seconds(end)), ("step", "1"));
        return result.Count(series => Values(series!).Any(v => v is not "NaN"));
    }

    /// <summary>The values that a label has in the series of an expression now.</summary>
    public async Task<IReadOnlyList<string>> LabelValuesAsync(string expression, string label)
    {
        var result = await AskAsync("query", ("query", $"group by ({label}) ({expression})"));
        return [.. result.Select(series => (string?)series!["metric"]![label]).OfType<string>().Order()];
    }

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        http.Dispose();
        folder.Delete(recursive: true);
    }

    private static IEnumerable<string?> Values(JsonNode series) =>
        series["values"] is JsonArray many
            ? many.Select(v => (string?)v![1])
            : [(string?)(series["value"] ?? series)[1]];

    private async Task<JsonArray> AskAsync(string what, params (string Key, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Key, f.Value)));
        using var answer = await http.PostAsync(
            new Uri($"/api/v1/{what}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        if ((string?)body["status"] != "success")
            throw new InvalidOperationException($"Prometheus refuses {form[0].Value}: {body["error"]}");
        var data = body["data"]!;
        return (string?)data["resultType"] == "scalar"
            ? [new JsonObject { ["value"] = data["result"]!.DeepClone() }]
            : data["result"]!.AsArray();
    }

    private async Task UntilReadyAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync())
        {
            if (program.HasExited || TimeProvider.System.GetElapsedTime(start) > Patience)
                throw new InvalidOperationException($"Prometheus is not ready:\n{program.LastOutput}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await http.GetAsync(
                new Uri("/-/ready", UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static string Seconds(DateTimeOffset time) =>
        (time.ToUnixTimeMilliseconds() / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);
}
