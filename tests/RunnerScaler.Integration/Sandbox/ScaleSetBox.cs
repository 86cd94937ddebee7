using System.Net.Http.Headers;
using System.Text.Json;
using RunnerScaler.Sandbox.GitHub;
using RunnerScaler.Sandbox.GitHub.Rest;

namespace RunnerScaler.Integration.Sandbox;

/// <summary>Somebody who administers scale sets of <c>acme</c> over HTTP, and listens to one.</summary>
internal sealed class ScaleSetBox : IAsyncDisposable
{
    private const string Sets = "_apis/runtime/runnerscalesets";
    private readonly HttpClient _http = new();

    private ScaleSetBox(RestBox rest) => Rest = rest;

    public RestBox Rest { get; }

    public Organization Organization => Rest.Organization;

    /// <summary>Where the Actions service is for this administrator, and the token for it.</summary>
    public string Service { get; private set; } = "";

    public string AdminToken { get; private set; } = "";

    public string QueueUrl { get; private set; } = "";

    public string QueueToken { get; private set; } = "";

    public string SessionId { get; private set; } = "";

    public long SetId { get; private set; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>With a set for the label <c>linux</c> and its session.</summary>
    public static async Task<ScaleSetBox> StartAsync(ScaleSetSettings? settings = null)
    {
        var rest = await RestBox.StartAsync(
            settings: new OrganizationSettings { ScaleSets = settings ?? new ScaleSetSettings() });
        var box = new ScaleSetBox(rest);
        await box.SignInAsync("orgs/acme", "acme", rest.Token());
        var set = await box.JsonAsync(HttpMethod.Post, Sets, new
        {
            name = "linux",
            runnerGroupId = rest.Organization.RunnerGroupsOf("acme").Single().Id,
            labels = new[] { new { type = "System", name = "linux" } },
            RunnerSetting = new { disableUpdate = true },
        });
        box.SetId = set.GetProperty("id").GetInt64();
        await box.ListenAsync();
        return box;
    }

    public async Task SignInAsync(string api, string path, string token)
    {
        var registration = await RestBox.JsonAsync(await Rest.SendAsync(
            HttpMethod.Post, $"{api}/actions/runners/registration-token", token));
        var answer = await RegisterAsync(path, registration.GetProperty("token").GetString());
        Assert.Equal(200, (int)answer.StatusCode);
        var connection = await RestBox.JsonAsync(answer);
        Service = connection.GetProperty("url").GetString()!;
        AdminToken = connection.GetProperty("token").GetString()!;
    }

    public Task<HttpResponseMessage> RegisterAsync(string path, string? token, string kind = "RemoteAuth") => SendAsync(
        HttpMethod.Post,
        $"{Rest.Site}{RestApi.Root}/actions/runner-registration",
        $"{kind} {token}",
        new { url = $"{Rest.Site}/{path}", runner_event = "register" });

    /// <summary>A request to the service; the path is below <see cref="Service"/>.</summary>
    public Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, object? body = null, string? token = null)
    {
        var join = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        return SendAsync(
            method, $"{Service}{path}{join}api-version=6.0-preview", $"Bearer {token ?? AdminToken}", body);
    }

    public async Task<JsonElement> JsonAsync(HttpMethod method, string path, object? body = null)
    {
        var answer = await AskAsync(method, path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode}");
        return await RestBox.JsonAsync(answer);
    }

    /// <summary>The status, and the short name of the exception.</summary>
    public async Task<(int Status, string? Kind)> RefusedAsync(HttpMethod method, string path, object? body = null)
    {
        var answer = await AskAsync(method, path, body);
        return ((int)answer.StatusCode, (await RestBox.JsonAsync(answer)).GetProperty("typeKey").GetString());
    }

    public async Task ListenAsync() =>
        Take(await JsonAsync(HttpMethod.Post, Path("sessions"), new { ownerName = "t" }));

    public async Task RefreshAsync() => Take(await JsonAsync(HttpMethod.Patch, Path($"sessions/{SessionId}")));

    public string Path(string rest = "") => $"{Sets}/{SetId}/{rest}".TrimEnd('/');

    public Task<HttpResponseMessage> PollAsync(long last = 0, string? capacity = "10", string? url = null) => SendAsync(
        HttpMethod.Get,
        $"{url ?? QueueUrl}{(last > 0 ? $"&lastMessageId={last}" : "")}",
        $"Bearer {QueueToken}",
        capacity: capacity);

    /// <summary>The next message, while time passes until there is one.</summary>
    public async Task<JsonElement> NextAsync(long last = 0, string? capacity = "10")
    {
        var answer = await WhileTimePassesAsync(PollAsync(last, capacity));
        Assert.Equal(200, (int)answer.StatusCode);
        return await RestBox.JsonAsync(answer);
    }

    public async Task<T> WhileTimePassesAsync<T>(Task<T> task)
    {
        while (await Task.WhenAny(task, Task.Delay(5, Cancel)) != task)
            Rest.Clock.Advance(TimeSpan.FromMilliseconds(100));
        return await task;
    }

    public async Task<int> AcknowledgeAsync(long messageId)
    {
        var url = new UriBuilder(QueueUrl);
        url.Path += $"/{messageId}";
        return (int)(await SendAsync(HttpMethod.Delete, $"{url}", $"Bearer {QueueToken}")).StatusCode;
    }

    /// <summary>The entries of a message.</summary>
    public static JsonElement[] Entries(JsonElement message)
    {
        var body = message.GetProperty("body").GetString()!;
        return body.Length == 0 ? [] : [.. JsonDocument.Parse(body).RootElement.EnumerateArray()];
    }

    public Job Queue(string name = "build") => Organization.JobsOf(Organization.QueueRun(
        "acme/app", new WorkflowSpec("ci", new JobSpec(name) { RunsOn = ["linux"] })).Id).Single();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Rest.DisposeAsync();
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string url, string authorization, object? body = null, string? capacity = null)
    {
        using var request = new HttpRequestMessage(method, url);
        request.Headers.Authorization = AuthenticationHeaderValue.Parse(authorization);
        if (capacity is not null) request.Headers.Add("X-ScaleSetMaxCapacity", capacity);
        if (body is not null) request.Content = JsonContent.Create(body, options: JsonSerializerOptions.Default);
        return await _http.SendAsync(request, Cancel);
    }

    private void Take(JsonElement session)
    {
        SessionId = session.GetProperty("sessionId").GetString()!;
        QueueUrl = session.GetProperty("messageQueueUrl").GetString()!;
        QueueToken = session.GetProperty("messageQueueAccessToken").GetString()!;
    }
}
