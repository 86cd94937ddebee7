using System.Globalization;
using System.Text.Json;

namespace RunnerScaler.Sandbox.GitHub.Rest;

/// <summary>
/// The message queue of a runner scale set: polls that are held, acknowledgements, and the jobs acquired
/// (https://github.com/actions/scaleset/blob/main/session_client.go).
/// </summary>
internal static class MessageRoutes
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public static void Add(ActionsRoutes routes, RestFaults faults)
    {
        routes.Add(HttpMethods.Get, ActionsRoutes.Queue, call => PollAsync(call, faults));
        routes.Add(HttpMethods.Delete, ActionsRoutes.Queue + "/{message_id}", Acknowledge);
        routes.Add(HttpMethods.Post, ActionsRoutes.Sets + "/{set_id}/acquirejobs", Acquire);
    }

    private static async Task<ApiAnswer> PollAsync(ActionsCall call, RestFaults faults)
    {
        var token = Token(call);
        if (faults.DrawOfQueue(RestFault.SessionLost)) call.Organization.LoseSetSession(token);
        if (faults.DrawOfQueue(RestFault.QueueMoved)) call.Organization.MoveSetQueue(token);
        var (last, capacity) = (LastId(call), Capacity(call));
        var began = call.Clock.GetTimestamp();
        while (true)
        {
            if (call.Organization.NextMessage(token, last, capacity) is { } message)
                return Deliver(call, faults, token, message);
            if (call.Clock.GetElapsedTime(began) >= call.Organization.ScaleSetSettings.Hold)
                return new ApiAnswer(StatusCodes.Status202Accepted);
            await Task.Delay(Interval, call.Clock, call.Aborted);
        }
    }

    private static ApiAnswer Deliver(ActionsCall call, RestFaults faults, string token, ScaleSetMessage message)
    {
        if (faults.DrawOfQueue(RestFault.StaleStatistics))
            message = call.Organization.WithStatisticsBefore(token, message);
        if (faults.DrawOfQueue(RestFault.MessageTwice)) call.Organization.RepeatMessage(token, message);
        return ApiAnswer.Ok(json => json.WriteMessage(message, call));
    }

    private static ApiAnswer Acknowledge(ActionsCall call)
    {
        call.Organization.AcknowledgeMessage(Token(call), call.Id("message_id"));
        return ApiAnswer.NoContent;
    }

    private static ApiAnswer Acquire(ActionsCall call)
    {
        if (call.Body.ValueKind != JsonValueKind.Array) throw ActionsRefusal.Invalid("Send a list of requests.");
        var requests = call.Body.EnumerateArray().Select(id => ActionsCall.Number(id.GetRawText())).ToList();
        return ScaleSetJson.List(
            call.Organization.AcquireJobs(call.Id("set_id"), call.Bearer, requests),
            (json, id) => json.WriteNumberValue(id));
    }

    /// <summary>The queue's token, if it is one for the queue at this address.</summary>
    private static string Token(ActionsCall call)
    {
        var (session, place) = call.Organization.PlaceOf(call.Bearer);
        return call.Query("sessionId") == $"{session}" && call.Text("place") == $"{place}"
            ? call.Bearer
            : throw ActionsRefusal.Unauthorized("The message queue token is not one of this queue.");
    }

    private static long LastId(ActionsCall call) =>
        call.Query("lastMessageId") is { } last ? ActionsCall.Number(last) : 0;

    private static ScaleSetCapacity Capacity(ActionsCall call)
    {
        if (call.Header("X-ScaleSetMaxCapacity") is not { } sent) return new ScaleSetCapacity(null);
        return int.TryParse(sent, NumberStyles.None, CultureInfo.InvariantCulture, out var jobs)
            ? new ScaleSetCapacity(jobs)
            : throw ActionsRefusal.Invalid("X-ScaleSetMaxCapacity is no number.");
    }
}
