internal import Gateway
internal import Platform
internal import Settings
internal import Tokens
internal import Wire

/// What the daemon answers by itself.
extension Connection {
  func report(_ page: StatusPage, inside: Bool, _ request: IncomingRequest) {
    let station = self.worker.station
    var health = HealthReading()
    if inside, page == .health {
      let wall = Clock.wallSeconds()
      health = HealthReading(
        station.state, self.worker.snapshot, encodings: self.worker.counter.encodings,
        now: self.worker.loop.now, wallSeconds: wall, offsetSeconds: Clock.localOffsetSeconds(at: wall))
    }
    let body = page.body(self.vitals, self.worker.snapshot, inside: inside, health: health)
    var extra = HeaderFields()
    let isDemo = self.worker.snapshot.settings.plan.isDemo
    if page == .live, let echo = DoctorEcho.value(for: request.head, isDemo: isDemo) {
      extra.append(name: DoctorEcho.fieldName, value: echo)
    }
    self.write(body, type: "application/json", extra, request)
  }

  func show(_ page: SharedPage, _ request: IncomingRequest) {
    do throws(ErrorReply) {
      let content = try page.content(
        self.worker.station.state, self.worker.snapshot, self.vitals, now: self.worker.loop.now)
      self.write(content.body, type: content.type, HeaderFields(), request)
    } catch {
      self.refuse(error, request, closing: false)
    }
  }

  private var vitals: Vitals {
    let station = self.worker.station
    return station.roster.vitals(
      since: station.startedMilliseconds, now: self.worker.loop.now,
      droppedLogRecords: self.worker.log.droppedCount)
  }

  private func write(
    _ body: [UInt8], type: String, _ extra: HeaderFields, _ request: IncomingRequest
  ) {
    var fields = extra
    fields.append(name: "content-type", value: type)
    let bytes = request.reply.write(
      status: 200, fields: fields, body: body, date: self.worker.date, to: &self.output)
    self.finish(request, status: 200, bytes: bytes)
  }
}
