// load_tool: how many requests per second does a server answer, and how late, at N kept
// connections over TLS 1.3?
//
// Expect from the server of src/net some 40 000 per second and core for POSTs of 420 bytes each
// way without a store behind it (15 to 25 us of its CPU); this tool takes more than that itself, so
// it belongs on other cores than the server.
//
// Input    --requests FILE: one JSON object per line,
//            {"certificate": 0, "method": "POST", "path": "/v1/x?y=1",
//             "headers": {"authorization": "..."}, "body": "text, or any JSON value"}
//          Only "path" is needed: certificate 0, GET without a body and POST with one. Each
//          certificate's lines are sent in order by the connections that hold it, again from the
//          first after the last; --once ends there.
//          --certificates FILE: one "certificate.pem private_key.pem" per line, counted from 0.
//          Connection i holds certificate i modulo their number.
// Loops    closed (default): each connection sends when it has its answer. Open (--rate R): sends
//          are due at fixed times, R a second over all connections, and latency counts from the due
//          time, so that a stall is charged to all who would have met it.
// Output   one line: {"per_s":..,"p50_ms":..,"p99_ms":..,"p999_ms":..,"max_ms":..,"requests":..,
//          "statuses":{"200":..},"errors":{"io":..,"503":..},"connections":..,"seconds":..}
//          errors holds every status from 400 up, and io: connections that broke (they reconnect).
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using Steady = std::chrono::steady_clock;
using TlsStream = asio::ssl::stream<tcp::socket>;
using nlohmann::json;

struct Settings {
  std::string host = "127.0.0.1";
  int port = 8443;
  std::string ca;
  std::string certificates;
  std::string requests;
  int connections = 64;
  int threads = 1;
  double seconds = 10;
  double warmup_seconds = 1;
  double rate = 0;
  bool once = false;
};

struct Identity {
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<std::string> messages;  // whole requests, as they travel
  std::atomic<std::size_t> next{0};
};

struct Plan {
  Settings settings;
  tcp::endpoint server;
  std::vector<std::unique_ptr<Identity>> identities;
  Steady::time_point start;
  Steady::time_point counted_from;
  Steady::time_point end;
};

struct Tally {
  std::vector<std::uint32_t> latencies_us;
  std::map<int, std::uint64_t> statuses;
  std::uint64_t broken = 0;
};

std::string MessageOf(const json& line, const Settings& settings) {
  std::string body;
  if (line.contains("body")) {
    const json& given = line["body"];
    body = given.is_string() ? given.get<std::string>() : given.dump();
  }
  const std::string method = line.value("method", body.empty() ? "GET" : "POST");
  std::ostringstream out;
  out << method << " " << line.at("path").get<std::string>()
      << " HTTP/1.1\r\nhost: " << settings.host << ":" << settings.port << "\r\n";
  if (line.contains("headers")) {
    for (const auto& [name, value] : line["headers"].items()) {
      out << name << ": " << value.get<std::string>() << "\r\n";
    }
  }
  if (!body.empty() || method != "GET") out << "content-length: " << body.size() << "\r\n";
  out << "\r\n" << body;
  return out.str();
}

std::unique_ptr<asio::ssl::context> MakeTls(const Settings& settings, const std::string& files) {
  auto tls = std::make_unique<asio::ssl::context>(asio::ssl::context::tlsv13_client);
  if (settings.ca.empty()) {
    tls->set_verify_mode(asio::ssl::verify_none);
  } else {
    tls->load_verify_file(settings.ca);
    tls->set_verify_mode(asio::ssl::verify_peer);
  }
  std::istringstream words(files);
  std::string certificate;
  std::string key;
  if (words >> certificate >> key) {
    tls->use_certificate_chain_file(certificate);
    tls->use_private_key_file(key, asio::ssl::context::pem);
  }
  return tls;
}

// Throws what the library throws: a load tool may end on a bad file.
void Load(Plan& plan) {
  std::vector<std::string> pairs;
  std::string text;
  if (!plan.settings.certificates.empty()) {
    std::ifstream file(plan.settings.certificates);
    while (std::getline(file, text)) {
      if (!text.empty()) pairs.push_back(text);
    }
  }
  if (pairs.empty()) pairs.emplace_back();
  for (const std::string& pair : pairs) {
    plan.identities.push_back(std::make_unique<Identity>());
    plan.identities.back()->tls = MakeTls(plan.settings, pair);
  }
  std::ifstream file(plan.settings.requests);
  while (std::getline(file, text)) {
    if (text.empty()) continue;
    const json line = json::parse(text);
    const auto index = line.value("certificate", std::size_t{0}) % plan.identities.size();
    plan.identities[index]->messages.push_back(MessageOf(line, plan.settings));
  }
  plan.server = tcp::endpoint(asio::ip::make_address(plan.settings.host),
                              static_cast<std::uint16_t>(plan.settings.port));
}

// The next message of this identity, or null when all went out once and that is enough.
const std::string* NextMessage(const Plan& plan, Identity& identity) {
  if (identity.messages.empty()) return nullptr;
  const std::size_t index = identity.next.fetch_add(1);
  if (plan.settings.once && index >= identity.messages.size()) return nullptr;
  return &identity.messages[index % identity.messages.size()];
}

asio::awaitable<bool> Connect(const Plan& plan, TlsStream& stream) {
  error_code ec;
  auto token = asio::redirect_error(asio::use_awaitable, ec);
  co_await stream.lowest_layer().async_connect(plan.server, token);
  if (ec) co_return false;
  stream.lowest_layer().set_option(tcp::no_delay(true), ec);
  co_await stream.async_handshake(asio::ssl::stream_base::client, token);
  co_return !ec;
}

// 0: the connection broke.
asio::awaitable<int> Exchange(TlsStream& stream, boost::beast::flat_buffer& buffer,
                              const std::string& message) {
  error_code ec;
  auto token = asio::redirect_error(asio::use_awaitable, ec);
  const asio::const_buffer bytes = asio::buffer(message);
  co_await asio::async_write(stream, bytes, token);
  if (ec) co_return 0;
  http::response_parser<http::string_body> parser;
  parser.body_limit(64u << 20);
  co_await http::async_read(stream, buffer, parser, token);
  if (ec) co_return 0;
  co_return static_cast<int>(parser.get().result_int());
}

void Count(const Plan& plan, Tally& tally, Steady::time_point due, int status) {
  const Steady::time_point now = Steady::now();
  if (due < plan.counted_from || now > plan.end) return;
  if (status == 0) {
    ++tally.broken;
    return;
  }
  ++tally.statuses[status];
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now - due).count();
  tally.latencies_us.push_back(static_cast<std::uint32_t>(std::min<long>(us, UINT32_MAX)));
}

// One connection, and its successors when it breaks.
asio::awaitable<void> Drive(Plan& plan, int number, Tally& tally) {
  Identity& identity = *plan.identities[static_cast<std::size_t>(number) % plan.identities.size()];
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  const bool open = plan.settings.rate > 0;
  const std::chrono::duration<double> period(open ? plan.settings.connections / plan.settings.rate
                                                  : 0);
  const auto step = std::chrono::duration_cast<Steady::duration>(period);
  Steady::time_point due = plan.start + step * number / plan.settings.connections;
  std::unique_ptr<TlsStream> stream;
  boost::beast::flat_buffer buffer;
  while (Steady::now() < plan.end) {
    if (!stream) {
      stream = std::make_unique<TlsStream>(executor, *identity.tls);
      buffer.clear();
      const bool connected = co_await Connect(plan, *stream);
      if (!connected) {
        Count(plan, tally, Steady::now(), 0);
        stream.reset();
        timer.expires_after(std::chrono::milliseconds(100));
        co_await timer.async_wait(asio::use_awaitable);
        continue;
      }
    }
    if (open) {
      timer.expires_at(due);
      if (due > Steady::now()) co_await timer.async_wait(asio::use_awaitable);
    } else {
      due = Steady::now();
    }
    const std::string* message = NextMessage(plan, identity);
    if (message == nullptr || due > plan.end) co_return;
    const int status = co_await Exchange(*stream, buffer, *message);
    Count(plan, tally, due, status);
    if (status == 0) stream.reset();
    due += step;
  }
}

double Percentile(const std::vector<std::uint32_t>& sorted_us, double share) {
  if (sorted_us.empty()) return 0;
  const auto last = static_cast<double>(sorted_us.size() - 1);
  return sorted_us[static_cast<std::size_t>(last * share)] / 1000.0;
}

json Report(const Plan& plan, const std::vector<Tally>& tallies, Steady::time_point ended) {
  std::vector<std::uint32_t> all;
  std::map<int, std::uint64_t> statuses;
  std::uint64_t broken = 0;
  for (const Tally& tally : tallies) {
    all.insert(all.end(), tally.latencies_us.begin(), tally.latencies_us.end());
    for (const auto& [status, times] : tally.statuses) statuses[status] += times;
    broken += tally.broken;
  }
  std::sort(all.begin(), all.end());
  const std::chrono::duration<double> span = std::min(ended, plan.end) - plan.counted_from;
  json seen = json::object();
  json errors = json::object();
  for (const auto& [status, times] : statuses) {
    seen[std::to_string(status)] = times;
    if (status >= 400) errors[std::to_string(status)] = times;
  }
  if (broken > 0) errors["io"] = broken;
  return {{"per_s", static_cast<double>(all.size()) / std::max(span.count(), 1e-9)},
          {"p50_ms", Percentile(all, 0.5)},
          {"p99_ms", Percentile(all, 0.99)},
          {"p999_ms", Percentile(all, 0.999)},
          {"max_ms", Percentile(all, 1)},
          {"requests", all.size()},
          {"statuses", seen},
          {"errors", errors},
          {"connections", plan.settings.connections},
          {"seconds", span.count()}};
}

std::vector<Tally> Run(Plan& plan) {
  const auto seconds = [](double value) {
    return std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(value));
  };
  plan.start = Steady::now();
  plan.counted_from = plan.start + seconds(plan.settings.once ? 0 : plan.settings.warmup_seconds);
  plan.end = plan.counted_from + seconds(plan.settings.seconds);
  std::vector<Tally> tallies(static_cast<std::size_t>(plan.settings.connections));
  std::vector<std::thread> threads;
  for (int t = 0; t < plan.settings.threads; ++t) {
    threads.emplace_back([&plan, &tallies, t] {
      asio::io_context io(1);
      for (int c = t; c < plan.settings.connections; c += plan.settings.threads) {
        asio::co_spawn(io, Drive(plan, c, tallies[static_cast<std::size_t>(c)]), asio::detached);
      }
      // An answer that never comes must not keep the tool.
      io.run_until(plan.end + std::chrono::seconds(5));
    });
  }
  for (std::thread& thread : threads) thread.join();
  return tallies;
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  Settings& settings = plan.settings;
  CLI::App app("Loads an HTTPS server and says what it answered, and how late");
  app.add_option("--host", settings.host, "a numeric address");
  app.add_option("--port", settings.port)->check(CLI::Range(1, 65535));
  app.add_option("--ca", settings.ca, "PEM to verify the server with; without it, not verified");
  app.add_option("--certificates", settings.certificates)->check(CLI::ExistingFile);
  app.add_option("--requests", settings.requests)->required()->check(CLI::ExistingFile);
  app.add_option("--connections", settings.connections)->check(CLI::Range(1, 20'000));
  app.add_option("--threads", settings.threads)->check(CLI::Range(1, 64));
  app.add_option("--seconds", settings.seconds);
  app.add_option("--warmup", settings.warmup_seconds, "seconds at first that do not count");
  app.add_option("--rate", settings.rate, "requests a second (open loop); 0: closed loop");
  app.add_flag("--once", settings.once, "send each line once, then end");
  CLI11_PARSE(app, argc, argv);
  try {
    Load(plan);
    const std::vector<Tally> tallies = Run(plan);
    std::puts(Report(plan, tallies, Steady::now()).dump().c_str());
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "load_tool: %s\n", failure.what());
    return 1;
  }
  return 0;
}
