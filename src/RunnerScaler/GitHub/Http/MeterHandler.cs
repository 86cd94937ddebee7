using System.Net;
using RunnerScaler.Control.Ports;

namespace RunnerScaler.GitHub.Http;

/// <summary>Counts and times every request that leaves the process.</summary>
internal sealed class MeterHandler(IScalerMetrics metrics, TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        var route = RouteTemplate.Of(request);
        var status = (HttpStatusCode)0;
        try
        {
            var response = await base.SendAsync(request, cancel);
            status = response.StatusCode;
            return response;
        }
        finally
        {
            metrics.GitHubRequest(
                route, (int)status, status == HttpStatusCode.NotModified, time.GetElapsedTime(began));
        }
    }
}
